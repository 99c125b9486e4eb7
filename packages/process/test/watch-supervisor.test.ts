// A process whose supervisor was gone before it could look.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("a process that spins from its start on ends, when the supervisor that started it is not there any more", async () => {
  const spinning = fileURLToPath(new URL("./fixtures/spinning-process.ts", import.meta.url));
  // Its parent is this program, as init is of a process whose supervisor was killed.
  const env = { ...process.env, PLAIT_SUPERVISOR_PID: String(process.ppid) };
  const child = spawn(process.execPath, [spinning], { env, stdio: "ignore" });
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
});
