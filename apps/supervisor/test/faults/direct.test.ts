// Threads that accept for themselves, over TCP and over a unix socket, while threads and processes die and clients count.
import { join } from "node:path";
import { expect, test } from "vitest";
import { pause } from "../pause.ts";
import { Client, type RunningSupervisor } from "../supervisor-program.ts";
import { VersionedService } from "../versions.ts";
import { CountingClients, expectExplained } from "./counting-clients.ts";

const orders = `if (text === "exit") process.exit(0);
      if (text === "throw") setTimeout(() => { throw new Error("thrown"); }, 1);
      if (text === "hang") for (;;);`;

const listen = { tcp: { host: "127.0.0.1", port: 0, accept: "direct" }, local: { path: "./local.sock" } };

/** Connects until each of the threads has answered; resolves with their names. */
async function everyThread(to: number | string, wanted: number): Promise<string[]> {
  const seen = new Set<string>();
  while (seen.size < wanted) {
    // Several at once: one that is alone is mostly the same thread's.
    const clients = await Promise.all(Array.from({ length: 8 }, () => Client.connect(to)));
    for (const client of clients) seen.add(/p\d\.t\d/.exec(await client.ask("who\n", "line"))?.[0] ?? "none");
    for (const { socket } of clients) socket.end();
    await Promise.all(clients.map(({ closed }) => closed));
  }
  return [...seen].sort();
}

test.concurrent("2 × 2 threads serve, and die in every way with a process among them: nobody is refused, every connection is in the books", async ({
  onTestFinished,
}) => {
  const config = { topology: { processes: 2, threads: 2 }, watchdog: { report: "300ms", kill: "700ms" }, listen };
  const deployed = new VersionedService(config, onTestFinished);
  deployed.deploy("1", { onText: orders });
  const running = await deployed.running;
  const ways = [running.port, join(deployed.folder, "local.sock")];
  const all = ["p1.t1", "p1.t2", "p2.t1", "p2.t2"];
  const books = { connected: 0, served: 0, broken: 0, refused: 0 };
  for (const to of ways) expect(await everyThread(to, 4)).toEqual(all);
  books.connected = books.served = await ended(running);

  const clients = ways.map((to) => new CountingClients(to, 3));
  for (const to of ways) {
    for (const order of ["exit", "throw", "hang"]) {
      const deaths = running.stderr.match(/p\d\.t\d ended/g)?.length ?? 0;
      const client = await Client.connect(to);
      client.socket.write(order);
      await client.closed;
      books.connected++;
      books.broken++;
      await running.until(new RegExp(`(p\\d\\.t\\d ended[\\s\\S]*){${deaths + 1}}`));
      await Promise.all(clients.map((each) => each.more(5)));
    }
  }
  process.kill((await running.processes()).find(({ unit }) => unit === "p2")?.pid ?? 0, "SIGKILL");
  await running.until(/p2 is ready \(incarnation 2\)/);
  await Promise.all(clients.map((each) => each.more(10)));
  for (const each of clients) add(books, await each.stop());
  // Each of the threads accepts, so each that died, with its process or alone, may have had one that is in no book.
  const deaths = running.stderr.match(/p\d\.t\d ended: /g)?.length ?? 0;
  await expectExplained(running, books, deaths + 2);

  // The threads' own counters say the same as their process's, as long as none of them died with one.
  const [p1] = await running.processes();
  const threads = p1?.threads ?? [];
  expect(threads.reduce((sum, { total }) => sum + total, 0)).toBe(p1?.total);
  expect(threads.reduce((sum, { lost }) => sum + lost, 0)).toBe(p1?.lost);
  for (const { total, outcomes, connections, lost } of threads) {
    expect(Object.values(outcomes).reduce((sum, count) => sum + count, connections + lost)).toBe(total);
  }
});

/** How many connections have ended, when none is open any more. */
async function ended(running: RunningSupervisor): Promise<number> {
  for (;;) {
    const processes = await running.processes();
    if (processes.every(({ connections, waiting }) => connections + waiting === 0))
      return processes.reduce((sum, { total }) => sum + total, 0);
    await pause();
  }
}

function add(sum: Record<keyof CountingClients["books"], number>, books: CountingClients["books"]): void {
  for (const [name, count] of Object.entries(books)) sum[name as keyof typeof books] += count;
}
