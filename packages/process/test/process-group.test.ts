import { fileURLToPath } from "node:url";
import { defaultRestart, type UnitEvent } from "@plait/policy";
import { afterEach, expect, test } from "vitest";
import { ListeningSocket } from "../src/listening-socket.ts";
import { ProcessGroup, type ProcessGroupOptions } from "../src/process-group.ts";
import { ask, connecting } from "./connecting.ts";

const exec = fileURLToPath(new URL("./fixtures/reply-process.ts", import.meta.url));
const restart = { ...defaultRestart.process, backoff: { initial: 1, factor: 1, cap: 1, resetAfter: 60_000 } };
const budget = { drain: 5000, cancel: 1000, kill: 1000 };
const calm = new AbortController().signal;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serving(options: Partial<ProcessGroupOptions> = {}) {
  const socket = await ListeningSocket.bind({ kind: "tcp", host: "127.0.0.1", port: 0 });
  cleanups.push(() => socket.close());
  const events: UnitEvent[] = [];
  const waiting = new Set<() => void>();
  const group = await ProcessGroup.start({
    units: ["p1", "p2"],
    exec,
    body: {},
    sockets: [{ socket, backlog: 511 }],
    startTimeout: 15_000,
    hangTimeout: 0,
    restart,
    onTold: () => {},
    onOutput: () => {},
    ...options,
    onEvent: (event) => {
      events.push(event);
      for (const look of waiting) look();
    },
  });
  cleanups.push(() => group.kill());
  const until = (wanted: (event: UnitEvent) => boolean) =>
    new Promise<UnitEvent>((resolve) => {
      const look = () => {
        const found = events.find(wanted);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const pid = (unit: string) => group.slots.find((slot) => slot.unit === unit)?.running?.pid ?? 0;
  return { group, socket, port: socket.port ?? 0, until, pid };
}

test("processes serve from one shared socket, and a stop ends them", async () => {
  const { group, port } = await serving();
  expect((await ask(port)).text).toMatch(/^p[12] \d+$/);
  await group.stop(budget, calm);
  expect(group.slots.map((slot) => [slot.state, slot.lastExit?.cause])).toEqual([
    ["stopped", "planned"],
    ["stopped", "planned"],
  ]);
});

test("nobody is refused while processes are killed, one and then all, and they come back", async () => {
  const { group, port, until, pid } = await serving();
  const stop = connecting(port);
  process.kill(pid("p1"), "SIGKILL");
  await until((event) => event.type === "ready" && event.unit === "p1" && event.incarnation === 2);
  for (const unit of ["p1", "p2"]) process.kill(pid(unit), "SIGKILL");
  await until((event) => event.type === "ready" && event.unit === "p1" && event.incarnation === 3);
  await until((event) => event.type === "ready" && event.unit === "p2" && event.incarnation === 2);
  const outcomes = await stop();
  expect(outcomes.refused).toBe(0);
  expect(outcomes.served).toBeGreaterThan(0);
  // Only connections that a process had accepted in the instant of its kill may be reset.
  expect(outcomes.reset).toBeLessThanOrEqual(9);
  expect(group.slots.map((slot) => slot.lastExit)).toEqual([
    { cause: "killed", text: "killed by SIGKILL" },
    { cause: "killed", text: "killed by SIGKILL" },
  ]);
});

test("a service that fails to load is an error with its cause, and nothing stays running", async () => {
  const error = await serving({ body: { fail: "no such table" } }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "ERR_PLAIT_PROCESS_START" });
  expect((error as Error).message).toMatch(/^p[12] failed to start: no such table$/);
  expect((error as Error).cause).toMatchObject({ code: "ERR_PLAIT_TEST", cause: { message: "why" } });
});

test("a process that is not ready in time is a failure, not a success", async () => {
  await expect(serving({ body: { hang: true }, startTimeout: 600 })).rejects.toThrow("was not ready within 600 ms");
});

test("a call to a process that dies rejects with who died and why", async () => {
  const { group, pid } = await serving();
  const call = group.slots[0]?.running?.call("never", [], 60_000);
  process.kill(pid("p1"), "SIGKILL");
  await expect(call).rejects.toMatchObject({
    code: "ERR_PLAIT_PROCESS_EXITED",
    message: "p1 ended before it answered: killed by SIGKILL",
  });
});

test("a process that spins and can't drain is killed within the budget", async () => {
  const { group } = await serving({ units: ["p1"] });
  const call = group.slots[0]?.running?.call("spin", [], 60_000);
  const startedAt = performance.now();
  const stopped = group.stop({ drain: 300, cancel: 300, kill: 1_400 }, calm);
  await expect(call).rejects.toMatchObject({ code: "ERR_PLAIT_PROCESS_EXITED" });
  await stopped;
  // The sum of the steps, and what a busy machine adds, less than one more step.
  expect(performance.now() - startedAt).toBeLessThan(3_400);
});

test("a crash loop is given up, and the rest of the group ends", async () => {
  const { until, pid } = await serving({ restart: { ...restart, intensity: 1 } });
  for (let round = 1; round <= 3; round++) {
    await until((event) => event.type === "ready" && event.unit === "p1" && event.incarnation === round);
    process.kill(pid("p1"), "SIGKILL");
  }
  expect(await until((event) => event.type === "gave-up")).toMatchObject({ unit: "p1" });
  await until((event) => event.type === "exited" && event.unit === "p2");
});

test("the module beside a main thread that spins answers; what holds it up does not get the process replaced", async () => {
  const { group, until } = await serving({ units: ["p1"], hangTimeout: 800 });
  const [process] = group.slots.flatMap((slot) => slot.running ?? []);
  process?.call("spin", [], 60_000).catch(() => {});
  expect(await process?.holdUp("wait", [2_000], 10_000)).toBe("waited");
  await expect(process?.holdUp("fail", [], 10_000)).rejects.toThrow(new RangeError("out of reach"));
  await expect(process?.holdUp("wait", [60_000], 100)).rejects.toMatchObject({
    code: "ERR_PLAIT_PROCESS_CALL_TIMEOUT",
  });
  const late = process?.callBeside("wait", [60_000]);
  expect(await until((event) => event.type === "exited")).toMatchObject({ exit: { cause: "hung" } });
  await expect(late).rejects.toMatchObject({ code: "ERR_PLAIT_PROCESS_EXITED" });
});
