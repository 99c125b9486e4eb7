// What a change of the configuration touches.
import { expect, test } from "vitest";
import { configKeys, diffConfig, parseUnknown } from "../src/index.ts";

const entry = import.meta.filename;
const base = { name: "echo", entry, listen: "127.0.0.1:1", topology: { processes: 2, threads: 2 } };

function diff(fresh: object, old: object = base) {
  return diffConfig(parseUnknown(old), parseUnknown(fresh));
}

test("nothing changed, nothing is touched", () => {
  expect(diff({ ...base, stop: { drain: 20_000 } })).toEqual([{ service: "echo", change: "none", keys: [] }]);
});

test("the hardest key decides, and every key is listed", () => {
  const fresh = { ...base, topology: { processes: 4, threads: 2 }, stop: { drain: "1s" }, queue: 5 };
  expect(diff(fresh)).toEqual([
    {
      service: "echo",
      change: "roll",
      keys: [
        { key: "topology.processes", from: 2, to: 4, apply: "live" },
        { key: "queue", from: 0, to: 5, apply: "roll" },
        { key: "stop.drain", from: 20_000, to: 1_000, apply: "live" },
      ],
    },
  ]);
});

test("to and from no processes at all is a restart", () => {
  expect(diff({ ...base, topology: { processes: 0, threads: 2 } })[0]).toMatchObject({ change: "restart" });
});

test("a listener that comes, goes or moves is one change of listen", () => {
  const [change] = diff({ ...base, listen: [":1", ":2"] });
  expect(change?.keys.map(({ key, apply }) => [key, apply])).toEqual([["listen", "roll"]]);
});

test("what a listener does with its connections is compared key by key: limits hold at once, the rest by a roll", () => {
  const listening = (options: object) => ({ ...base, listen: { main: { host: "127.0.0.1", port: 1, ...options } } });
  const old = listening({ limits: { connections: 5, perAddress: { max: 2 } } });
  const limits = { connections: 6, perAddress: { max: 3 } };
  expect(diff(listening({ limits }), old)).toEqual([
    {
      service: "echo",
      change: "live",
      keys: [
        { key: "listen.main.limits.connections", from: 5, to: 6, apply: "live" },
        { key: "listen.main.limits.perAddress.max", from: 2, to: 3, apply: "live" },
      ],
    },
  ]);
  expect(diff(listening({ limits }), listening({}))[0]).toMatchObject({ change: "live" });
  expect(diff(listening({ limits, timeouts: { idle: "1s" } }), old)[0]).toMatchObject({ change: "roll" });
});

test("services come and go", () => {
  const several = (names: string[]) => ({
    services: Object.fromEntries(names.map((name) => [name, { entry, listen: `./${name}.sock` }])),
  });
  expect(diff(several(["b", "c"]), several(["a", "b"])).map(({ service, change }) => [service, change])).toEqual([
    ["b", "none"],
    ["c", "added"],
    ["a", "removed"],
  ]);
});

test("a process that is told about a thread's restarts gets them by being replaced", () => {
  const restart = { thread: { backoff: { cap: "1s" } }, process: { intensity: 9 } };
  expect(diff({ ...base, restart })[0]?.keys.map(({ key, apply }) => [key, apply])).toEqual([
    ["restart.thread.backoff.cap", "roll"],
    ["restart.process.intensity", "live"],
  ]);
});

test("every key says what a change of it touches", () => {
  expect(configKeys().length).toBeGreaterThan(30);
  for (const { key, apply } of configKeys())
    expect([key, ["live", "roll", "restart"].includes(apply)]).toEqual([key, true]);
});
