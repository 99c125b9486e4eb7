import { spawn } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { ProcessUsages } from "../src/process-usage.ts";

test.skipIf(process.platform !== "linux")(
  "those who ask for a process at the same time leave one file open, not one each",
  async () => {
    const child = spawn("sleep", ["60"]);
    onTestFinished(() => void child.kill("SIGKILL"));
    const pid = child.pid ?? 0;
    const answers = await Promise.all([1, 2, 3, 4].map(() => new ProcessUsages().read([pid])));
    for (const answer of answers) expect(answer.get(pid)?.memory).toBeGreaterThan(0);
    const open = readdirSync("/proc/self/fd").filter((descriptor) => target(descriptor) === `/proc/${pid}/stat`);
    expect(open).toHaveLength(1);
  },
);

function target(descriptor: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // The one that reads the folder is closed by now.
    return undefined;
  }
}
