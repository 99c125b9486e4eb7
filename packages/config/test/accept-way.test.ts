// Which way connections take, for every kind of listener and every topology.
import { expect, test } from "vitest";
import { acceptWay } from "../src/accept-way.ts";
import type { ListenerConfig } from "../src/deployment.ts";

const listener = (accept?: "handoff" | "direct"): ListenerConfig => ({
  kind: "inherit",
  name: "web",
  descriptor: 3,
  options: { accept },
});

const tcp = false;
const unix = true;

test.each([
  [tcp, undefined, 2, 0, "process"],
  [tcp, "direct", 2, 0, "process"],
  [unix, undefined, 2, 0, "process"],
  [unix, "handoff", 0, 0, "process"],
  [tcp, undefined, 2, 2, "handoff"],
  [tcp, undefined, 0, 2, "handoff"],
  [tcp, "handoff", 1, 1, "handoff"],
  [tcp, "direct", 1, 2, "direct"],
  [unix, undefined, 1, 1, "direct"],
  [unix, "direct", 2, 2, "direct"],
] as const)("unix %s, accept %s, %d × %d: %s", (isUnix, accept, processes, threads, way) => {
  expect(acceptWay(listener(accept), isUnix, { processes, threads })).toBe(way);
});

test.each([
  [unix, "handoff", 1, 1, /web is a unix socket, whose connections can't be handed to threads; leave accept out/],
  [unix, undefined, 0, 2, /web is a unix socket.*topology\.processes is 0; write at least 1, or topology\.threads: 0/],
  [tcp, "direct", 0, 1, /accept of web is "direct".*topology\.processes is 0/],
] as const)("unix %s, accept %s, %d × %d is refused, with what to do", (isUnix, accept, processes, threads, says) => {
  expect(() => acceptWay(listener(accept), isUnix, { processes, threads })).toThrow(says);
});
