// Every way for a thread to end: its siblings' connections go on, what was on it is counted, and it comes back.
import { connect } from "node:net";
import { expect, test } from "vitest";
import { client, serving } from "./serving.ts";

/** Asks a connection again and again until told to stop; every answer has to come from that unit. */
function asking({ ask }: Awaited<ReturnType<typeof client>>, unit: string) {
  let going = true;
  const done = (async () => {
    let answers = 0;
    for (; going; answers++) expect(await ask(`${answers}`)).toBe(`${unit} ${answers}`);
    return answers;
  })();
  return () => {
    going = false;
    return done;
  };
}

const ways: [name: string, order: string, cause: string, text: string | RegExp][] = [
  ["an uncaught error from a timer", "throw", "crashed", "uncaught Error: boom"],
  ["nothing thrown from a timer", "throw nothing", "crashed", "uncaught undefined"],
  ["an unhandled rejection", "reject", "rejected", "unhandled rejection: Error: nobody catches this"],
  ["process.exit", "exit", "exited", "called process.exit(3)"],
  ["an exit below process.exit", "native exit", "exited", "called process.exit(4)"],
  ["a heap that is full", "out of heap", "out-of-heap", "ran out of its heap"],
  ["an endless loop", "loop", "hung", /^blocked its event loop for \d+ ms in parseForever /],
  ["endless microtasks", "microtasks", "hung", /^blocked its event loop for \d+ ms in again /],
];

test.each(ways)(
  "%s ends one thread only; it comes back, and what it lost is counted",
  async (_, order, cause, text) => {
    // A thread that collects garbage in vain is blocked as well: leave it the time to run out of its heap.
    const watchdog = cause === "hung" ? { report: 300, kill: 1000 } : { report: 0, kill: 0 };
    const { group, port, until } = await serving({ heap: 64 * 2 ** 20, watchdog });
    const [first, second, third] = [await client(port), await client(port), await client(port)];
    expect(await first.ask("a")).toBe("p1.t1 a");
    const stop = asking(second, "p1.t2");
    expect(await third.ask("c")).toBe("p1.t1 c");

    first.socket.write(order);
    await Promise.all([first.closed, third.closed]);
    const exited = await until((event) => event.type === "exited");
    const expected = typeof text === "string" ? text : expect.stringMatching(text);
    expect(exited).toMatchObject({ unit: "p1.t1", exit: { cause, text: expected } });
    await until((event) => event.type === "ready" && event.incarnation === 2);
    expect(await stop()).toBeGreaterThan(0);
    expect(await (await client(port)).ask("new")).toBe("p1.t1 new");
    expect(group.stats.get("p1.t1")).toMatchObject({ lost: 2, connections: 1 });
  },
);

test("threads killed while connections are on their way to them: each is served or counted as lost", async () => {
  const { group, port, accepted, until } = await serving();
  const steady = await client(port);
  await steady.ask("a");
  let answered = 0;
  let ended = 0;
  for (let incarnation = 1; incarnation <= 3; incarnation++) {
    const clients = Array.from({ length: 30 }, async () => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write("hello");
      socket.once("data", () => {
        answered++;
        socket.end();
      });
      socket.resume();
      // Not `once`: it rejects with the reset that a lost connection sees.
      await new Promise((resolve) => socket.on("close", resolve));
      ended++;
    });
    await accepted(incarnation * 30 - 10);
    group.slots[1]?.running?.kill();
    await Promise.all(clients);
    await until((event) => event.type === "ready" && event.unit === "p1.t2" && event.incarnation === incarnation + 1);
  }
  expect(await steady.ask("still here")).toBe("p1.t1 still here");
  const stats = group.stats;
  expect(ended).toBe(90);
  expect(answered + (stats.get("p1.t2")?.lost ?? 0)).toBeGreaterThanOrEqual(90);
  expect(stats.get("p1.t1")).toMatchObject({ lost: 0, connections: 1 });
  expect(stats.get("p1.t2")).toMatchObject({ connections: 0 });
});
