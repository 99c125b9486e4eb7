// Runs one of test/programs in a process of its own and gives what it printed.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

export function program(name: string): Promise<{ stdout: string; stderr: string; code: number }> {
  const file = fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [file], { timeout: 15_000 }, (error, stdout, stderr) => {
      resolve({ stdout, stderr, code: error === null ? 0 : Number(error.code) });
    });
  });
}
