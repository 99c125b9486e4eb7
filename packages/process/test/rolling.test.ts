// Replacing, adding and removing processes while clients connect without a pause.
import { fileURLToPath } from "node:url";
import { defaultRestart, type UnitEvent } from "@plait/policy";
import { afterEach, expect, test } from "vitest";
import { ListeningSocket } from "../src/listening-socket.ts";
import { ProcessGroup, type ProcessRecipe } from "../src/process-group.ts";
import { connecting } from "./connecting.ts";

const exec = fileURLToPath(new URL("./fixtures/reply-process.ts", import.meta.url));
const calm = new AbortController().signal;
const budget = { drain: 5000, cancel: 1000, kill: 1000 };
const ending = { budget, hurry: calm, why: { cause: "planned", text: "replaced" } } as const;
const limits = { canary: 1, soak: 100, surge: 1, unavailable: 0 };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serving(units: readonly string[]) {
  const socket = await ListeningSocket.bind({ kind: "tcp", host: "127.0.0.1", port: 0 });
  cleanups.push(() => socket.close());
  const recipe: ProcessRecipe = {
    exec,
    body: {},
    sockets: [{ socket, backlog: 511 }],
    startTimeout: 15_000,
    hangTimeout: 0,
  };
  const events: UnitEvent[] = [];
  const group = await ProcessGroup.start({
    ...recipe,
    units,
    restart: defaultRestart.process,
    onTold: () => {},
    onOutput: () => {},
    onEvent: (event) => events.push(event),
  });
  cleanups.push(() => group.kill());
  const pids = () => group.slots.map(({ running }) => running?.pid);
  return { group, recipe, events, pids, port: socket.port ?? 0 };
}

test("three rollouts in a row refuse and reset nobody, and every slot keeps its id", async () => {
  const { group, recipe, port, pids } = await serving(["p1", "p2"]);
  const stop = connecting(port);
  const seen = new Set(pids());
  for (let round = 1; round <= 3; round++) {
    expect(await group.roll(recipe, { ...ending, limits, signal: calm })).toEqual({ ok: true });
    for (const pid of pids()) seen.add(pid);
  }
  const counts = await stop();
  expect(counts).toMatchObject({ refused: 0, reset: 0 });
  expect(counts.served).toBeGreaterThan(0);
  expect(seen.size).toBe(8);
  expect(group.slots.map(({ unit, incarnation }) => [unit, incarnation])).toEqual([
    ["p1", 4],
    ["p2", 4],
  ]);
});

test("a rollout onto what fails to load leaves every old process, and says why", async () => {
  const { group, recipe, port, pids } = await serving(["p1", "p2"]);
  const before = pids();
  const stop = connecting(port);
  const broken = { ...recipe, body: { fail: "no such table" } };
  expect(await group.roll(broken, { ...ending, limits, signal: calm })).toEqual({
    ok: false,
    reason: "p1: failed to start: no such table",
    kept: ["p1", "p2"],
    replaced: [],
  });
  expect(pids()).toEqual(before);
  expect(await stop()).toMatchObject({ refused: 0, reset: 0 });
});

test("what is ready and dies on trial leaves every old process", async () => {
  const { group, recipe, pids } = await serving(["p1", "p2"]);
  const before = pids();
  const broken = { ...recipe, body: { dieAfter: 200 } };
  const result = await group.roll(broken, { ...ending, limits: { ...limits, soak: 10_000 }, signal: calm });
  expect(result).toMatchObject({ ok: false, reason: "p1: exited with code 3", replaced: [] });
  expect(pids()).toEqual(before);
});

test("processes are added and removed while clients connect, and none of them notices", async () => {
  const { group, port } = await serving(["p1"]);
  const stop = connecting(port);
  for (const unit of ["p2", "p3"]) await group.add(unit);
  expect(group.slots.map(({ unit, state }) => [unit, state])).toEqual([
    ["p1", "ready"],
    ["p2", "ready"],
    ["p3", "ready"],
  ]);
  for (const unit of ["p3", "p1"]) await group.remove(unit, ending);
  const counts = await stop();
  expect(counts).toMatchObject({ refused: 0, reset: 0 });
  expect(counts.served).toBeGreaterThan(0);
  expect(group.slots.map(({ unit }) => unit)).toEqual(["p2"]);
});
