// The guide's first page, run as a new user would.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Client, here, RunningSupervisor, supervisor, temporaryFolder } from "./supervisor-program.ts";
import { hasTerminals, Terminal } from "./terminal.ts";

const page = readFileSync(new URL("../../../docs/guide/first-steps.md", import.meta.url), "utf8");

/** The page's commands, each with the output that it shows. */
const steps = [...page.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
  block
    .split(/^\$ supervisor /m)
    .slice(1)
    .map((step) => ({ command: step.split("\n", 1)[0] ?? "", output: step.slice(step.indexOf("\n") + 1) })),
);

/** Runs a command that takes the whole terminal until its screen is what the page shows, and leaves it. */
async function onTerminal(command: string, { output, ...options }: { cwd: string; runtime: string; output: string }) {
  if (!hasTerminals) return;
  const terminal = new Terminal([command], options);
  await terminal.until((screen) => pattern(output).test(screen.join("\n")));
  terminal.press("q");
  expect(await terminal.exited).toEqual({ code: 0, restored: true });
}

function pattern(output: string): RegExp {
  const parts = output.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[\\s\\S]*").replace(/\n$/, "\\n?")}$`);
}

test("every command of the page prints what the page says", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(here, ".project-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const cwd = join(folder, "shop");
  const runtime = temporaryFolder();
  // The page's port may be taken here.
  process.env.PLAIT_SHOP__LISTEN = "127.0.0.1:0";
  onTestFinished(() => void delete process.env.PLAIT_SHOP__LISTEN);
  expect(steps.map(({ command }) => command.split(" ")[0])).toEqual([
    "init",
    "check",
    "status",
    "top",
    "plan",
    "reload",
    "stop",
  ]);
  for (const { command, output } of steps) {
    if (command === "status") {
      const running = await RunningSupervisor.start([], { cwd, runtime });
      const client = await Client.connect(running.port);
      expect(await client.ask("hello")).toBe("HELLO");
      client.socket.end();
      await client.closed;
    }
    if (command === "top") {
      await onTerminal(command, { cwd, runtime, output });
      continue;
    }
    const at = command.startsWith("init") ? folder : cwd;
    const { code, stdout, stderr } = await supervisor(command.split(" "), { cwd: at, runtime });
    expect({ code, stderr }, command).toEqual({ code: 0, stderr: "" });
    expect(stdout, command).toMatch(pattern(output));
  }
});
