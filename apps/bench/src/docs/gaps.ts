// Why a target is missed: where the time or the memory goes, what was tried, and what came of it. Shown below the
// scenario as long as the target is missed. By benchmark and scenario.
export const gaps: Readonly<Record<string, string>> = {
  "net small": `**Where the time goes**: for a 64-byte message nearly all of it is the kernel's: a read and a write on the loopback,
the same for everybody. What a library adds is the small rest, so ratios are close to 1, and what disturbs the machine
moves them more than code does. [The README of net](../packages/net/README.md) says what was tried.`,

  "net idle": `**Where the memory goes** is listed, object by object, in [the README of net](../packages/net/README.md).`,

  "arrivals churn": `**Where the time goes** (processor profile of 1×2 under this load): on the process's main thread, which accepts, a fifth
is the transfer of the socket to its thread (\`postMessage\`), 8 % Piscina's queue and its task; in each thread another
tenth is the message that says that the connection has ended. With 2×0 there is no transfer: 14 % is the kernel's write, 8 %
the check for free descriptors, which opens a file, and 4 % the books that survive a killed process. So the way on is
fewer messages between threads, not faster code around them: threads that accept for themselves.`,

  "arrivals storm": `**What is known**: a process accepts one connection for each turn of its loop, so who arrives waits for as many turns as
there are others before it, and a turn is as long as everything that is ready takes. Each connection costs Plait more than
raw \`node:net\` (see churn), which makes turns longer while hundreds arrive. A main thread that only accepts has short
turns as long as it has a core: here server, threads and load share two cores, and it has to wait for one.`,

  "units unit": `**Where the memory goes** (proportional set size of one more thread, step by step): an empty \`Worker\` takes 7 MB,
\`node:tls\` 1.5 MB, the modules of net, coroutine and thread 5.5 MB, of which V8's heap is two thirds. **What was tried**: an \`import\`
of \`node:http\` reads everything that it exports, Node's web client too; asking for the module only when a server is
hosted took 18 MB to 15 MB. Loading TLS only for listeners that speak it is the next step. A cluster worker shares the pages
of Node's program with its siblings, so it weighs less here than its resident size says.`,
};
