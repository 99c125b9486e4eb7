// Methods of a service: called by its own units, and by the supervisor command.
import { describe, expect, test } from "vitest";
import { Client, RunningSupervisor, service, supervisor } from "./supervisor-program.ts";

const topologies = [
  { processes: 0, threads: 0, units: ["p1"] },
  { processes: 0, threads: 2, units: ["p1.t1", "p1.t2"] },
  { processes: 2, threads: 0, units: ["p1", "p2"] },
  { processes: 2, threads: 2, units: ["p1.t1", "p1.t2", "p2.t1", "p2.t2"] },
];

async function start(processes: number, threads: number) {
  const entry = service("methods.ts");
  const running = await RunningSupervisor.start([entry, "-p", `${processes}`, "-t", `${threads}`, "-l", "127.0.0.1:0"]);
  const call = (...args: string[]) => supervisor(["call", ...args], { runtime: running.runtime, cwd: running.runtime });
  return { running, call };
}

describe.each(topologies)("$processes × $threads", ({ processes, threads, units }) => {
  test("the units of a process call each other, and the supervisor calls any", async () => {
    const { running, call } = await start(processes, threads);
    const client = await Client.connect(running.port);
    client.socket.write("count\n");
    const counts = (await client.ask("", "line")).trim().split(" ");
    const [process = ""] = (counts[0] ?? "").split(/[.=]/);
    const beside = units.filter((unit) => unit === process || unit.startsWith(`${process}.`));
    expect(counts.map((count) => count.split("=")[0])).toEqual(beside);
    expect(counts.filter((count) => count.endsWith("=1"))).toHaveLength(1);
    const asked = await Promise.all(units.map((unit) => call(unit, "count")));
    expect(asked.map(({ stdout }) => JSON.parse(stdout))).toEqual(
      units.map((unit) => counts.find((count) => count.startsWith(`${unit}=`)) ?? `${unit}=0`),
    );
  });
});

test("supervisor call passes JSON, prints JSON, and says what went wrong", async () => {
  const { call } = await start(1, 1);
  expect(await call("p1.t1", "add", "2", "40")).toMatchObject({ code: 0, stdout: "42\n" });
  expect(await call("p1.t1", "add", "a", '"b"')).toMatchObject({ code: 0, stdout: '"ab"\n' });
  expect(await call("p1.t1.c9", "add", "1", "1")).toMatchObject({ code: 0, stdout: "2\n" });
  expect(await call("p1.t1", "nothing")).toMatchObject({ code: 0, stdout: "null\n" });
  expect(JSON.parse((await call("p1.t1", "upTo", "3")).stdout)).toEqual([0, 1, 2]);
  const mistakes: [string[], number, RegExp][] = [
    [["p1.t1", "fail"], 1, /^supervisor: sold out$/m],
    [["p1.t1", "upTo", "20000"], 1, /more than 10000 items/],
    [["p1.t1", "forever", "--timeout", "50ms"], 1, /p1\.t1 did not answer "forever" within 50 ms/],
    [["p1.t1", "firstOnly", "--timeout", "300ms"], 1, /p1\.t1 did not answer "firstOnly" within 300 ms/],
    [["p1.t1", "missing"], 64, /no method "missing": it has count, add/],
    [["p1.t1", "constructor"], 64, /no method "constructor"/],
    [["p1.t9", "count"], 1, /p1\.t9 can't be called: serving here: p1\.t1/],
    [["p9", "count"], 64, /there is no unit p9/],
    [["p1.t1", "add", "{1"], 64, /looks like JSON and is not/],
    [["p1.t1"], 64, /missing required argument 'method'/],
  ];
  for (const [args, code, says] of mistakes) {
    const exit = await call(...args);
    expect(exit).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(says) });
    expect(exit.stderr).not.toMatch(/\n\s+at /);
  }
}, 40_000);
