// What threads are doing, seen from outside, also when they don't answer.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { client, fixture, serving } from "./serving.ts";

function temporary(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), "plait-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, name);
}

/** The files whose code a profile saw. Not the functions: V8 counts those that it has inlined as their callers. */
const filesIn = (profile: string): string[] =>
  (JSON.parse(profile) as { nodes: { callFrame: { url: string } }[] }).nodes.map(({ callFrame }) => callFrame.url);

const watchdog = { report: 200, kill: 0 };

test("a dump has each coroutine with what it waits on, and of a blocked thread the stack and the coroutine", async () => {
  const { group, port, until } = await serving({ watchdog });
  const [first, second] = [await client(port), await client(port)];
  expect(await first.ask("park")).toBe("p1.t1 parked");
  second.socket.write("loop");
  await until((event) => event.type === "blocked" && event.unit === "p1.t2");
  // On a busy machine a thread that is not blocked may look so for a moment.
  const answered = (dumps: Awaited<ReturnType<typeof group.dump>>) => dumps[0]?.tasks && dumps[1]?.blocked;
  let dumps = await group.dump(false);
  while (!answered(dumps)) dumps = await group.dump(false);
  const [parked, blocked] = dumps;
  expect(parked).toMatchObject({ unit: "p1.t1", incarnation: 1, blocked: null });
  expect(parked?.tasks?.map(({ name, waitingOn, at }) => [name, waitingOn, at])).toEqual([
    ["p1.t1.c1", "sleep of 3600000 ms", [expect.stringMatching(/echo-thread\.ts:\d+:\d+$/)]],
  ]);
  expect(blocked).toMatchObject({ unit: "p1.t2", tasks: null, blocked: { running: "p1.t2.c1" } });
  expect(blocked?.blocked?.frames[0]).toMatch(/^parseForever \(.*echo-thread\.ts:\d+:\d+\)$/);
});

test("a thread that loops for ever shows in a CPU profile and a heap snapshot of it, which are its owner's alone", async () => {
  const { group, port, until } = await serving({ units: ["p1.t1"], watchdog });
  (await client(port)).socket.write("loop");
  await until((event) => event.type === "blocked");
  const thread = group.slots[0]?.running;
  const [profile, snapshot] = [temporary("a.cpuprofile"), temporary("a.heapsnapshot")];
  await thread?.record({ kind: "cpu", ms: 300 }, profile);
  expect(filesIn(readFileSync(profile, "utf8"))).toContainEqual(expect.stringMatching(/echo-thread\.ts$/));
  await thread?.record({ kind: "heap" }, snapshot);
  expect(JSON.parse(readFileSync(snapshot, "utf8")).snapshot.node_count).toBeGreaterThan(1000);
  expect(statSync(profile).mode & 0o777).toBe(0o600);
  await expect(thread?.record({ kind: "heap" }, snapshot)).rejects.toMatchObject({ code: "EEXIST" });
});

test("a thread that hangs is not ended while it is recorded, and then it is", async () => {
  const { group, port, events, until } = await serving({ units: ["p1.t1"], watchdog: { report: 200, kill: 600 } });
  const { socket } = await client(port);
  const recorded = group.slots[0]?.running?.record({ kind: "cpu", ms: 1_500 }, temporary("hung.cpuprofile"));
  socket.write("loop");
  await recorded;
  expect(events.map(({ type }) => type)).not.toContain("exited");
  expect(await until((event) => event.type === "exited")).toMatchObject({ exit: { cause: "hung" } });
});

for (const begun of [false, true]) {
  test(`recording a thread that ends ${begun ? "meanwhile" : "at once"} rejects with who ended, and leaves no file`, async () => {
    const { group, port } = await serving({ units: ["p1.t1"] });
    const { ask } = await client(port);
    const thread = group.slots[0]?.running;
    const file = temporary("b.cpuprofile");
    const recorded = thread?.record({ kind: "cpu", ms: 60_000 }, file);
    // The thread starts to record before it answers what comes later.
    if (begun) await ask("park");
    thread?.kill();
    await expect(recorded).rejects.toMatchObject({ code: "ERR_PLAIT_THREAD_EXITED", unit: "p1.t1" });
    expect(existsSync(file)).toBe(false);
  });
}

test("a main thread that loops is seen from a thread beside it", async () => {
  const file = temporary("main.cpuprofile");
  // The main thread is a child program's: this one's has the tests to run.
  const child = spawn(process.execPath, [fixture("hung-main"), file]);
  let out = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  await new Promise((resolve) => child.on("close", resolve));
  expect(JSON.parse(out).frames[0]).toMatch(/^spin \(.*hung-main\.ts:\d+:\d+\)$/);
  expect(JSON.parse(readFileSync(file, "utf8")).samples.length).toBeGreaterThan(10);
});
