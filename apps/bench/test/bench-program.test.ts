// The command itself: what it prints and what it keeps.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { canRead, processTree } from "../src/harness/process-tree.ts";
import type { Report } from "../src/harness/report.ts";

const program = fileURLToPath(new URL("../bin/bench.js", import.meta.url));

function bench(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [program, ...args]);
}

test("--list names every benchmark with its scenarios", async () => {
  const { stdout } = await bench("--list");
  for (const name of [
    "switching",
    "sleeps",
    "clients",
    "coroutine",
    "net",
    "arrivals",
    "thread",
    "http",
    "lifecycle",
    "sockets",
    "units",
  ])
    expect(stdout).toContain(`${name}: `);
  expect(stdout).toContain("  storm ");
});

test("an unknown name is refused with the names that there are", async () => {
  await expect(bench("nett")).rejects.toMatchObject({
    code: 64,
    stderr: expect.stringContaining('no benchmark "nett"'),
  });
});

test("a quick run shows its progress, prints its tables, and keeps every round with the machine and the versions", {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "plait-bench-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "out.json");
  const { stdout, stderr } = await bench("sleeps", "net", "three", "small", "--quick", "--json", file);
  expect(stdout).toMatch(/three coroutines .* [\d.]+×/);
  expect(stdout).toMatch(/Go: skipped, a quick run has only what npm brings/);
  expect(stderr).toContain("[1/7] sleeps three: one after the other, round 1 of 1");

  const report = JSON.parse(readFileSync(file, "utf8")) as Report;
  expect(report).toMatchObject({
    format: 1,
    machine: { cores: expect.any(Number), processor: expect.any(String), pinned: expect.any(Boolean) },
    versions: { Node: process.version.slice(1) },
    settings: { quick: true, rounds: 1 },
  });
  expect(Number.isNaN(Date.parse(report.date))).toBe(false);
  expect(report.benchmarks.map(({ name }) => name)).toEqual(["sleeps", "net"]);
  for (const { contenders, metrics } of report.benchmarks.flatMap(({ scenarios }) => scenarios)) {
    for (const { skipped, failed, rounds } of contenders) {
      expect(failed).toBeNull();
      if (skipped === null) expect(rounds[0]?.[metrics[0]?.name ?? ""]).toBeGreaterThan(0);
    }
  }
});

test.runIf(canRead)("an interrupted run takes its servers and its load with it", async () => {
  const child = spawn(process.execPath, [program, "clients", "--quick"], { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(child, "exit");
  // The program, its server, and the load that is only started when the server serves.
  const everything = () => {
    const found = processTree(child.pid ?? 0);
    return found.length >= 3 && found;
  };
  const tree = await vi.waitUntil(everything, { timeout: 15_000, interval: 20 });
  child.kill("SIGINT");
  expect((await exited)[0]).toBe(130);
  await vi.waitUntil(() => tree.every((pid) => !runs(pid)), { timeout: 5000, interval: 20 });
});

function runs(pid: number): boolean {
  // One that has ended has no program any more, also before somebody waited for it.
  return existsSync(`/proc/${pid}/exe`);
}
