// Why a target is missed: where the time or the memory goes, what was tried, and what came of it. Shown below the
// scenario as long as the target is missed. By benchmark and scenario.
export const gaps: Readonly<Record<string, string>> = {
  "net small": `**Where the time goes** (processor profile): the \`send\` system call takes three quarters with Plait as with raw
\`node:net\`; outside of the kernel Plait spends 30 % of its time and raw 28 to 37 %. So the ratio is close to 1: 1.15× would take
half of what is left outside of the kernel. What was removed from the way of a message is in [the README of
net](../packages/net/README.md): on a busy machine from 0.87× or 0.90× to 0.96× or 0.99×. Rounds of the same code differ by more.`,

  "net medium": `**Where the time goes**: in the kernel's copies, and in V8's collector, which counts the bytes of dead buffers. What
was tried, with its result, is in [the README of net](../packages/net/README.md): from 0.60× to between 1.07× and 1.28× on a busy
machine. What is left is the collection of young garbage every 4 MiB, 4 % of the time, which raw \`node:net\` does later and with more
memory (150 MB against 90 MB).`,

  "arrivals churn": `**Where the time goes** (processor profile of 1×2 under this load): on the process's main thread, which accepts, a fifth
is the transfer of the socket to its thread (\`postMessage\`). **What was tried**: connections were tasks of Piscina, each with a
message of its own back; on a port of their own, with those that end in one turn told together, one takes a fifth less processor
time. With 2×0 there is no transfer: 14 % is the kernel's write, 4 % the books that survive a killed process; 8 % was the check for
free descriptors, which opens a file, and is made less often since where many are left. Threads that accept for themselves
(\`accept: "direct"\`) need no transfer either. Half of what was left in both was a \`net.Socket\` made for each connection only to be
taken apart: without it, 231 µs instead of 476 with 2×0, and 201 instead of 385 with 1×2 direct, on a busy machine.`,

  "arrivals storm": `**What is known**: Node accepts one connection for each turn of its loop, so who arrives waits for as many turns as
there are others before it, and a turn is as long as everything that is ready takes. Accepting several a turn while many arrive
([process](../packages/process/README.md)) took the 99th percentile of 1×0 from 158 to 96 ms and its messages from 26,000 to 33,000 a
second, that of 1×1 from 112 to 84 ms, and left 1×2 and direct as they were (medians of six runs, side by side). What is left of 1×1 is
work: handing a connection over costs its main thread and its serving thread more than accepting it costs raw \`node:net\` (see churn),
and here both of them and the load share two cores.`,

  "coroutine switch": coroutineFloor(),
  "coroutine channel": coroutineFloor(),
  "coroutine spawn": coroutineFloor(),
  "coroutine batch": coroutineFloor(),

  "thread cores": `**What is known**: two programs that share nothing come to 1.96 to 2.0 times one, Piscina alone to 1.8 to 1.9 where a
call costs least. A call of Plait's costs 174 µs of processor time, Piscina's 150; it was 303 while each call had a port of its own and woke
the main thread twice. There are spells in which every computation takes twice as long, whoever computes: both of the machine's
processors are then one core's. What was tried, with its result, is in [the README of thread](../packages/thread/README.md).`,
};

function coroutineFloor(): string {
  return `**Where the time goes**: a bare loop of two generators that hand a value to each other, without cancel, budget or channel,
took 180 ns a round on this kind of machine, two thirds of Go's whole channel round: resuming a generator is what V8 charges. A
spawn and join allocates about 500 bytes.
What was tried and is in place: one object for operation, iterator and iterator result, and no promise on the way.`;
}
