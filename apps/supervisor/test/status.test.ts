// supervisor status: what a person sees, what is wrong before everything else.
import type { ProcessStatus, SupervisorStatus, ThreadStatus } from "@plait/supervisor";
import { expect, test } from "vitest";
import { drawStatus } from "../src/draw-status.ts";
import { troubleOf } from "../src/trouble.ts";
import { processStatus, supervisorStatus, threadStatus } from "./statuses.ts";
import { Client, RunningSupervisor, service, supervisor } from "./supervisor-program.ts";

const now = 1_000_000;

test("each unit has its state, pid, uptime, incarnation, failures, what it uses, connections and coroutines", () => {
  const thread = threadStatus("p1.t1", { coroutines: { ready: 0, running: 0, waiting: 3, cancelling: 0 } });
  const process = processStatus("p1", { incarnation: 2, failures: 1, connections: 3, total: 12, threads: [thread] });
  expect(drawStatus(supervisorStatus([process]), now).split("\n")).toEqual([
    "supervisor shop, pid 1, serving, node v26.10.0",
    "up 16m, busy 2%, 60MB",
    "UNIT         STATE  PID   UP  INC  FAILED  BUSY  MEMORY  LIVE  TOTAL  COROUTINES",
    "echo  127.0.0.1:8080",
    "└─ p1        ready  100  16m    2       1   50%    50MB     3     12",
    "   └─ p1.t1  ready       16m    1       0   25%    12MB     0      0  3 waiting",
    "echo: 12 accepted: 3 live, 9 served, 0 lost",
  ]);
});

test.each<[string, Partial<ProcessStatus>, Partial<ThreadStatus>, string[]]>([
  ["nothing", {}, {}, []],
  [
    "a process that waits",
    { state: "backoff", lastFailure: { at: now - 3_000, text: "killed" } },
    {},
    ["echo has no process that serves", "p1 is backoff: killed 3s ago"],
  ],
  [
    "a failure of a moment ago",
    {},
    { failures: 2, lastFailure: { at: now - 9_000, text: "crashed" } },
    ["p1.t1 failed: crashed 9s ago (2 failures)"],
  ],
  ["a failure of long ago", {}, { failures: 2, lastFailure: { at: now - 90_000, text: "crashed" } }, []],
  ["a full process", { full: true }, {}, ["p1 is full: new connections are left in the kernel's queue"]],
  [
    "a reload",
    { next: { pid: 9, incarnation: 2, ready: true } },
    {},
    ["p1 is being replaced: incarnation 2 (pid 9) serves beside it"],
  ],
])("what is wrong: %s", (_, process, thread, sentences) => {
  const status = supervisorStatus([processStatus("p1", { threads: [threadStatus("p1.t1", thread)], ...process })]);
  expect(troubleOf(status, now)).toEqual(sentences);
});

test("old generations that go on are told, and a slot that is gone still counts in the books", () => {
  const { services, ...rest } = supervisorStatus([processStatus("p1", { total: 2 })]);
  const kept = (unit: string, generation: number) => ({
    ...{ unit, generation, incarnation: 1, pid: 7, startedAt: 0, usage: null },
    ...{ connections: 1, waiting: 0, total: 3, outcomes: { served: 2 }, lost: 0 },
  });
  const removed = [{ unit: "p2", connections: 1, waiting: 0, total: 3, outcomes: { served: 2 }, lost: 0 }];
  const status = {
    ...rest,
    services: services.map((each) => ({ ...each, removed, kept: [kept("p1", 1), kept("p2", 1), kept("p1", 2)] })),
  };
  expect(troubleOf(status, now)).toEqual([
    "echo: generation 1 still serves 2 connections in p1 (pid 7), p2 (pid 7)",
    "echo: generation 2 still serves 1 connection in p1 (pid 7)",
  ]);
  expect(drawStatus(status, now)).toMatch(/echo: 5 accepted: 1 live, 4 served, 0 lost$/);
});

test("a real status has all of it, in text and in JSON", async () => {
  const running = await RunningSupervisor.start([service("echo.ts"), "-p", "1", "-t", "1", "-l", "127.0.0.1:0"]);
  const client = await Client.connect(running.port);
  expect(await client.ask("hello")).toBe("HELLO");
  const status: SupervisorStatus = await running.status();
  const [process] = status.services[0]?.processes ?? [];
  expect(process).toMatchObject({ connections: 1, total: 1, failures: 0, lastFailure: null });
  expect(process?.usage?.memory).toBeGreaterThan(10_000_000);
  expect(process?.threads[0]?.usage?.heapUsed).toBeGreaterThan(1_000_000);
  expect(process?.threads[0]?.coroutines?.waiting).toBeGreaterThanOrEqual(1);
  expect(status.usage?.memory).toBeGreaterThan(10_000_000);
  const text = await supervisor(["status"], { runtime: running.runtime, cwd: running.runtime });
  expect(text).toMatchObject({ code: 0, stderr: "" });
  expect(text.stdout).toMatch(/p1\.t1 +ready +\d+s +1 +0 +\d+% +\d+(\.\d)?MB +1 +1 {2}\d+ waiting\n/);
});
