// The echo service and its clients together, as a newcomer runs them.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { Client, RunningSupervisor } from "../../supervisor/test/supervisor-program.ts";

const echo = fileURLToPath(new URL("..", import.meta.url));
const config = join(echo, "supervisor.config.ts");
const clients = join(echo, "bin/clients.js");
const python = spawnSync("python3", ["--version"]).status === 0;

async function run(command: string, args: readonly string[], runtime: string) {
  const child = spawn(command, args, { env: { ...process.env, XDG_RUNTIME_DIR: runtime }, stdio: "pipe" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, "close");
  return { code, output };
}

test.each([
  ["echo.ts", [config]],
  ["echo-async.ts", [join(echo, "services/echo-async.ts"), "-p", "2", "-t", "2", "--name", "echo"]],
])("500 clients get right replies from %s, and every thread serves some", async (_, args) => {
  const running = await RunningSupervisor.start([...args, "--listen", "127.0.0.1:0"]);
  const flags = ["--port", `${running.port}`, "--clients", "500", "--messages", "20"];
  const { code, output } = await run(process.execPath, [clients, ...flags], running.runtime);
  expect(output).toContain("10000 right replies, 0 errors");
  expect(code).toBe(0);
  const [, connections = ""] = /^connections (.*)$/m.exec(output) ?? [];
  const served = connections.split(", ").map((text) => Number(text.split(" ")[1]));
  expect(served).toHaveLength(4);
  expect(Math.min(...served)).toBeGreaterThan(0);
  expect(served.reduce((sum, count) => sum + count, 0)).toBe(500);
});

test("the clients fail, and say why, when nobody serves", async () => {
  const flags = ["--port", "1", "--clients", "3", "--messages", "1"];
  const { code, output } = await run(process.execPath, [clients, ...flags], echo);
  expect(code).toBe(1);
  expect(output).toContain("0 right replies, 3 errors");
  expect(output).toContain("ECONNREFUSED");
});

const pythonClient = `
import socket, sys, threading
right = 0
lock = threading.Lock()
def client(number):
    global right
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
        for i in range(5):
            message = f"client {number} message {i}".encode()
            s.send(message)
            if s.recv(1024) == message.upper():
                with lock:
                    right += 1
threads = [threading.Thread(target=client, args=(n,)) for n in range(500)]
for t in threads: t.start()
for t in threads: t.join()
print(right)
`;

test.skipIf(!python)(
  "a plain Python client with 500 threads is served; one that resets mid-way is no trouble",
  async () => {
    const running = await RunningSupervisor.start([config, "--listen", "127.0.0.1:0"]);
    const resetting = await Client.connect(running.port);
    expect(await resetting.ask("hello")).toBe("HELLO");
    resetting.socket.write("x".repeat(100_000));
    resetting.socket.resetAndDestroy();
    const { output } = await run("python3", ["-c", pythonClient, `${running.port}`], running.runtime);
    expect(output.trim()).toBe("2500");
    expect(running.stderr.split("\n").filter(Boolean).length).toBeLessThanOrEqual(1);
  },
);

test("the README's service serves as it is printed there", async () => {
  const readme = readFileSync(join(echo, "../../README.md"), "utf8");
  const [, code = ""] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  // Inside the repository, so that "plait" is found.
  const folder = mkdtempSync(join(echo, "test", ".readme-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "echo.ts"), code);
  const flags = ["--processes", "2", "--threads", "2", "--listen", "127.0.0.1:0"];
  const running = await RunningSupervisor.start([join(folder, "echo.ts"), ...flags]);
  expect(await (await Client.connect(running.port)).ask("hello")).toBe("HELLO");
});
