// Looking at a program and at what it has started, while that comes and goes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { canRead, killBelow, processTree } from "../src/harness/process-tree.ts";

test.runIf(canRead)("what is below a program is killed, also when some of it has ended by then", async () => {
  const script = "sleep 60 & echo ready; while :; do /bin/true; done";
  const child = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  const pid = child.pid ?? 0;
  const sleeping = processTree(pid)[1];
  // Each time another one of its short-lived programs is about to end.
  for (let time = 0; time < 100; time++) killBelow(pid);
  expect(sleeping).toBeGreaterThan(0);
  expect(processTree(pid)).not.toContain(sleeping);
});
