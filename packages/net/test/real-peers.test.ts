import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { serve } from "./support/serving.ts";

const certificate = (name: string) => fileURLToPath(new URL(`certificates/${name}`, import.meta.url));
const installed = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;

/** Runs a program, gives it its input (ended at once, or at its first output), and returns what it prints. */
function talk(
  program: string,
  args: readonly string[],
  input = "",
  end: "at once" | "after output" = "at once",
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"], timeout: 10_000 });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
      child.stdin.end();
    });
    child.on("error", reject);
    child.on("close", () => resolve(output));
    child.stdin.write(input);
    if (end === "at once") child.stdin.end();
  });
}

const PYTHON = `
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
    s.sendall(b"hello from python")
    s.shutdown(socket.SHUT_WR)
    data = b""
    while chunk := s.recv(4096): data += chunk
    print(data.decode())
`;

describe("peers that are not Node", () => {
  it.skipIf(!installed("python3", "--version"))("a plain Python socket", async () => {
    await using running = await serve("echo-upper.ts");
    expect(await talk("python3", ["-c", PYTHON, String(running.port)])).toBe("HELLO FROM PYTHON\n");
    expect(await running.outcomes[0]).toBe("served");
  });

  it.skipIf(!installed("nc", "-h"))("nc", async () => {
    await using running = await serve("echo-upper.ts");
    expect(await talk("nc", ["-N", "127.0.0.1", String(running.port)], "hello")).toBe("HELLO");
  });

  it.skipIf(!installed("curl", "--version"))("curl, against a hosted HTTP server", async () => {
    await using running = await serve("http.ts");
    expect(await talk("curl", ["-s", `http://127.0.0.1:${running.port}/`])).toBe("hello from 127.0.0.1");
  });

  it.skipIf(!installed("curl", "--version"))("curl, sending a PROXY header", async () => {
    const proxy = { mode: "require", trust: ["127.0.0.1"] } as const;
    await using running = await serve("http.ts", { listeners: { main: { proxy } } });
    expect(await talk("curl", ["-s", "--haproxy-protocol", `http://127.0.0.1:${running.port}/`])).toMatch(/^hello/);
    expect(await running.outcomes[0]).toBe("served");
  });

  it.skipIf(!installed("openssl", "version"))("openssl s_client", async () => {
    const tls = { cert: certificate("localhost.pem"), key: certificate("localhost.key"), alpn: ["echo/1"] };
    await using running = await serve("describe-tls.ts", { listeners: { main: { tls } } });
    const args = ["s_client", "-connect", `127.0.0.1:${running.port}`, "-servername", "localhost", "-alpn", "echo/1"];
    const quiet = ["-CAfile", certificate("ca.pem"), "-quiet", "-no_ign_eof"];
    const printed = await talk("openssl", [...args, ...quiet], "", "after output");
    expect(printed).toContain('"alpn":"echo/1","serverName":"localhost"');
  });
});
