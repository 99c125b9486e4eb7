// supervisor logs: everything that the units wrote, whole, under their ids, and what happened to them.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LogEntry, LogQuery } from "@plait/supervisor";
import { expect, test } from "vitest";
import { Client, Program, RunningSupervisor, service, supervisor, temporaryFolder } from "./supervisor-program.ts";

/** A service in a process of its own, `inline`, and one on a thread, `threaded`: p1 and p2.t1. */
async function start(logs: object = {}) {
  const folder = temporaryFolder();
  const shared = { entry: service("talkative.ts"), listen: "127.0.0.1:0" };
  const services = {
    inline: { ...shared, topology: { processes: 1, threads: 0 } },
    threaded: { ...shared, topology: { processes: 1, threads: 1 } },
  };
  writeFileSync(join(folder, "supervisor.config.json"), JSON.stringify({ name: "talk", services, logs }));
  const running = await RunningSupervisor.start([folder]);
  const ports = (await running.status()).services.map(({ listeners }) => /\d+$/.exec(listeners[0]?.address ?? "")?.[0]);
  const clients = await Promise.all(ports.map((port) => Client.connect(Number(port))));
  const [inline, threaded] = clients as [Client, Client];
  const command = (...args: string[]) => supervisor(args, { runtime: running.runtime, cwd: running.runtime });
  const entries = async (...args: string[]) => {
    const { code, stdout, stderr } = await command("logs", "--json", ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout.split("\n").flatMap((line): LogEntry[] => (line === "" ? [] : [JSON.parse(line)]));
  };
  const texts = async (query: LogQuery) => (await running.call("logs", query)).entries.map(({ text }) => text);
  const follow = (...args: string[]) => new Program(["logs", "-f", ...args], { runtime: running.runtime });
  return { running, folder, inline, threaded, command, entries, texts, follow };
}

test("logs are filtered by unit, level and time, and each entry says who, where and how serious", async () => {
  const { inline, threaded, command, entries, texts } = await start();
  const before = new Date().toISOString();
  const shown = async (...args: string[]) => (await entries(...args)).map(({ text }) => text);
  await inline.ask("out from p1\n", "line");
  await inline.ask('out {"level":40,"msg":"careful"}\n', "line");
  const id = await threaded.ask("who\n", "line");
  await threaded.ask("err trouble\n", "line");
  await expect.poll(() => texts({ unit: "p2" })).toContain("trouble");

  expect(await shown("p1", "--since", before)).toEqual(["from p1", '{"level":40,"msg":"careful"}']);
  expect(await shown("inline", "--since", "1m", "-n", "1")).toEqual(['{"level":40,"msg":"careful"}']);
  expect(await shown("p2.t1", "--level", "error")).toEqual(["trouble"]);
  expect(await shown(id.trim())).toEqual([`${id.trim()} is here`]);
  expect(await shown("--level", "warn")).toEqual(['{"level":40,"msg":"careful"}', "trouble"]);
  expect(await shown("--since", new Date(Date.now() + 60_000).toISOString())).toEqual([]);
  const [trouble] = await entries("threaded", "--level", "error");
  expect(trouble).toEqual({
    seq: expect.any(Number),
    at: expect.any(Number),
    service: "threaded",
    unit: "p2.t1",
    level: "error",
    source: "stderr",
    text: "trouble",
  });
  expect((await command("logs", "p2")).stdout).toMatch(/^\d\d:\d\d:\d\d p2\.t1 \| trouble$/m);

  expect(await command("logs", "p9")).toMatchObject({
    code: 64,
    stdout: "",
    stderr: expect.stringContaining("there is no unit p9"),
  });
  expect(await command("logs", "--since", "yesterday")).toMatchObject({ code: 64, stdout: "" });
  expect(await command("logs", "--level", "loud")).toMatchObject({ code: 64, stdout: "" });
});

test("nothing is lost or cut into when a unit dies in the middle of a line, and a follower sees the end", async () => {
  const { running, inline, threaded, texts, follow } = await start();
  const following = follow("--json", "p1");
  await inline.ask("out begin\n", "line");
  await following.until(/"begin"/, "stdout");
  inline.socket.write("flood 500\ndie\n");
  threaded.socket.write("flood 500\ndie\n");
  await running.until(/p1 is ready \(incarnation 2\)/);
  await running.until(/p2\.t1 is ready \(incarnation 2\)/);
  const whole = [...Array.from({ length: 500 }, (_, index) => `flood ${index + 1}`), "whole", "hal"];
  for (const [unit, ...first] of [["p1", "begin"], ["p2.t1"]]) {
    const written = (await texts({ unit: unit as string })).filter((text) => !text.includes(unit as string));
    expect(written).toEqual([...first, ...whole]);
  }
  // The last words come before the sentence that says how it ended.
  const all = await texts({ unit: "p1" });
  expect(all.indexOf("hal")).toBeLessThan(all.findIndex((text) => text.startsWith("p1 ended: ")));

  await supervisor(["stop"], { runtime: running.runtime, cwd: running.runtime });
  const { code, stdout } = await following.exited;
  expect(code).toBe(0);
  const lines = stdout.split("\n").filter((line) => line !== "");
  const followed = lines.map((line): LogEntry => JSON.parse(line)).filter(({ source }) => source === "stdout");
  expect(followed.map(({ text }) => text)).toEqual(["begin", ...whole]);
});

test("memory is bounded: the oldest entries go, and a reader that fell behind is told how many", async () => {
  const { running, inline, texts, entries } = await start({ memory: "64KiB" });
  await inline.ask("flood 5000\n", "line");
  await expect.poll(() => texts({ last: 1 })).toEqual(["flood 5000"]);
  const kept = await entries("p1");
  expect(kept.length).toBeLessThan(400);
  expect(kept.map(({ text }) => text)).toEqual(kept.map((_, index) => `flood ${5000 - kept.length + 1 + index}`));
  const behind = await running.call("logs", { after: 1 });
  expect(behind.skipped).toBe((behind.entries[0]?.seq ?? 0) - 2);
});

test("the log file holds every line, and is opened anew by command and by SIGUSR2", async () => {
  const { running, folder, inline, command, texts } = await start({ file: "talk.log", format: "json" });
  const file = join(folder, "talk.log");
  const written = (name: string) => {
    const lines = readFileSync(name, "utf8").split("\n").slice(0, -1);
    return lines
      .map((line): LogEntry => JSON.parse(line))
      .flatMap(({ source, text }) => (source === "stdout" ? [text] : []));
  };
  const say = async (text: string) => {
    await inline.ask(`out ${text}\n`, "line");
    await expect.poll(() => texts({ unit: "p1", last: 1 })).toEqual([text]);
  };
  await say("first");
  renameSync(file, `${file}.1`);
  await say("second");
  expect(await command("logs", "--reopen")).toMatchObject({ code: 0, stdout: "", stderr: "" });
  await say("third");
  renameSync(file, `${file}.2`);
  running.signal("SIGUSR2");
  await expect.poll(() => say("more").then(() => existsSync(file) && written(file))).toContain("more");
  await command("stop", "--hurry");
  expect(written(`${file}.1`)).toEqual(["first", "second"]);
  expect(written(`${file}.2`)[0]).toBe("third");
  expect([...written(`${file}.2`), ...written(file)].filter((text) => text !== "more")).toEqual(["third"]);
});

test("a full disk loses lines of the file, says so once, and the service goes on", async () => {
  const { inline, texts, running } = await start({ file: "/dev/full" });
  for (const text of ["one", "two", "three"]) await inline.ask(`out ${text}\n`, "line");
  await expect.poll(() => texts({ last: 3 })).toEqual(["one", "two", "three"]);
  const { entries } = await running.call("logs", {});
  expect(entries.filter(({ text }) => text.startsWith("/dev/full can't be written: Error: ENOSPC"))).toHaveLength(1);
});

test("a log file that can't be opened is a mistake, and nothing stays running", async () => {
  const folder = temporaryFolder();
  const config = { entry: service("talkative.ts"), listen: "127.0.0.1:0", logs: { file: "nowhere/talk.log" } };
  writeFileSync(join(folder, "supervisor.config.json"), JSON.stringify(config));
  const exit = await supervisor(["start"], { cwd: folder, runtime: folder });
  expect(exit).toMatchObject({ code: 73, stdout: "" });
  expect(exit.stderr).toBe(`supervisor: the log file ${join(folder, "nowhere/talk.log")} can't be opened: ENOENT\n`);
});
