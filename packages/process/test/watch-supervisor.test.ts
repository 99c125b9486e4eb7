// A process whose supervisor was gone before it could look.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

test("a process that spins from its start on ends, when the supervisor that started it is not there any more", async () => {
  const watch = new URL("../src/watch-supervisor.ts", import.meta.url).href;
  const spinning = `import { watchSupervisor } from "${watch}"; watchSupervisor(undefined); for (;;);`;
  // Its parent is this program, as init is of a process whose supervisor was killed.
  const env = { ...process.env, PLAIT_SUPERVISOR_PID: String(process.ppid) };
  const child = spawn(process.execPath, ["--input-type=module", "-e", spinning], { env, stdio: "ignore" });
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
});
