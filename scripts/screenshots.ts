// Writes docs/images: the real output of "supervisor status" and "supervisor top" about a service that is being used.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ControlClient } from "@plait/supervisor/client";
import { ansiToSvg } from "./ansi-svg.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "apps/supervisor/bin/supervisor.js");
const images = join(root, "docs/images");
const runtime = mkdtempSync(join(tmpdir(), "plait-shots-"));
const env = { ...process.env, XDG_RUNTIME_DIR: runtime, FORCE_COLOR: "1", TERM: "xterm-256color" };
/** A sample a second fills the sparklines. */
const SECONDS = 12;

mkdirSync(images, { recursive: true });
const flags = ["-p", "2", "-t", "2", "-l", "127.0.0.1:0", "--name", "echo"];
const serving = run([bin, "start", join(root, "apps/echo/services/echo.ts"), ...flags]);
await serving.until(/stop {2}Ctrl-C/);
process.env.XDG_RUNTIME_DIR = runtime;
using client = await ControlClient.connect("echo");
const { services } = await client.call("status", {});
const port = Number(/\d+$/.exec(services[0]?.listeners[0]?.address ?? "")?.[0]);

const stop = use(port);
const top = run([join(root, "apps/supervisor/test/in-terminal.py"), process.execPath, bin, "top"], "python3");
top.child.stdin?.write(`${JSON.stringify({ resize: [14, 80] })}\n`);
await sleep((SECONDS / 2) * 1_000);
process.kill(services[0]?.processes[1]?.pid ?? 0, "SIGKILL");
await sleep((SECONDS / 2) * 1_000);
top.child.stdin?.write(`${JSON.stringify({ keys: "jj" })}\n`);
await sleep(1_500);
const status = run([bin, "status"]);
await once(status.child, "close");
top.child.stdin?.write(`${JSON.stringify({ keys: "q" })}\n`);
await once(top.child, "close");
stop();
await client.call("stop", { hurry: true });
rmSync(runtime, { recursive: true });

write("status.svg", status.output.trimEnd().split("\n"), 90);
write("top.svg", lastFrame(top.output), 80);

function run(args: readonly string[], program = process.execPath) {
  const child: ChildProcess = spawn(program, args, { env, stdio: ["pipe", "pipe", "ignore"] });
  const running = {
    child,
    output: "",
    async until(pattern: RegExp): Promise<void> {
      while (!pattern.test(running.output)) if (child.stdout) await once(child.stdout, "data");
    },
  };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    running.output += text;
  });
  return running;
}

/** Clients that come, talk for a while and go, until told to stop. */
function use(to: number): () => void {
  let going = true;
  for (let client = 0; client < 12; client++) {
    void (async () => {
      while (going) {
        const socket = connect(to, "127.0.0.1").on("error", () => {});
        socket.write("hello ".repeat(200 * (client + 1)));
        socket.resume();
        await sleep(100 + 150 * client);
        socket.end();
      }
    })();
  }
  return () => {
    going = false;
  };
}

/** The lines of the last whole frame that was drawn. */
function lastFrame(output: string): string[] {
  const frames = output.split("\u001b[H").filter((frame) => frame.includes("\u001b[J") && frame.includes("UNIT"));
  return (frames.at(-1) ?? "").replaceAll("\u001b[K", "").split("\u001b[J")[0]?.split(/\r*\n/) ?? [];
}

function write(name: string, lines: readonly string[], columns: number): void {
  writeFileSync(join(images, name), ansiToSvg(lines, columns, `supervisor ${name.replace(".svg", "")}`));
  console.log(`wrote docs/images/${name}`);
}
