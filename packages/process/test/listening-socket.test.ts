import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Acceptor } from "../src/acceptor.ts";
import { ListeningSocket } from "../src/listening-socket.ts";
import { bindTcp } from "../src/native-handle.ts";
import { ask } from "./connecting.ts";

const tcp = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;

test("this Node binds without listening (net._createServerHandle)", () => {
  const handle = bindTcp("127.0.0.1", 0, false);
  if (typeof handle === "string") throw new Error(handle);
  const bound: { port?: number } = {};
  expect(handle.getsockname?.(bound)).toBe(0);
  expect(bound.port).toBeGreaterThan(0);
  expect(handle.fd).toBeGreaterThan(2);
  handle.close();
});

test("binding an address that another program listens on says so", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  await expect(ListeningSocket.bind({ ...tcp, port })).rejects.toMatchObject({
    code: "ERR_PLAIT_BIND",
    reason: "EADDRINUSE",
    message: `cannot bind 127.0.0.1:${port}: another program is listening on it (EADDRINUSE); stop that program or choose another port`,
  });
  other.close();
});

test("binding an address that this machine does not have says so", async () => {
  await expect(ListeningSocket.bind({ ...tcp, host: "203.0.113.1" })).rejects.toMatchObject({
    reason: "EADDRNOTAVAIL",
  });
});

test("no host is every address, IPv4 and IPv6", async () => {
  using socket = await ListeningSocket.bind({ kind: "tcp", host: undefined, port: 0 });
  expect(socket.address).toMatch(/^(\[::\]|0\.0\.0\.0):\d+$/);
  const acceptor = await Acceptor.listen(socket.handle, {
    attach: (server) => server.on("connection", (s) => s.end("hi")),
    onError: () => {},
  });
  expect(await ask(socket.port ?? 0)).toEqual({ outcome: "served", text: "hi" });
  acceptor.close();
});

test("ipv6Only leaves IPv4 out, where the host means both", async () => {
  using socket = await ListeningSocket.bind({ kind: "tcp", host: "::", port: 0, ipv6Only: true });
  const acceptor = await Acceptor.listen(socket.handle, {
    attach: (server) => server.on("connection", (s) => s.end("hi")),
    onError: () => {},
  });
  const port = socket.port ?? 0;
  const over = async (host: string) => {
    let text = "";
    for await (const chunk of connect(port, host)) text += chunk;
    return text;
  };
  expect(await over("::1")).toBe("hi");
  await expect(over("127.0.0.1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  // So that somebody else can have it.
  const other = createServer((s) => s.end("other")).listen(port, "127.0.0.1");
  await once(other, "listening");
  expect(await over("127.0.0.1")).toBe("other");
  other.close();
  acceptor.close();
});

test("a unix socket has the mode it was given, and its file goes with it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "plait-"));
  const path = join(folder, "s.sock");
  const socket = await ListeningSocket.bind({ kind: "unix", path, mode: 0o640 });
  expect(statSync(path).mode & 0o777).toBe(0o640);
  socket.close();
  expect(existsSync(path)).toBe(false);
  rmSync(folder, { recursive: true });
});

test("a unix socket that a dead program left behind is taken over, a live one is not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "plait-"));
  const path = join(folder, "s.sock");
  // Bound and never listened on: to a client it looks like the file of a program that was killed.
  using _stale = await ListeningSocket.bind({ kind: "unix", path });
  using socket = await ListeningSocket.bind({ kind: "unix", path });
  const acceptor = await Acceptor.listen(socket.handle, {
    attach: (server) => server.on("connection", (s) => s.end()),
    onError: () => {},
  });
  await expect(ListeningSocket.bind({ kind: "unix", path })).rejects.toMatchObject({ reason: "EADDRINUSE" });
  acceptor.close();
  rmSync(folder, { recursive: true });
});

test("a unix socket whose server stands still and whose queue is full is a live one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "plait-"));
  const path = join(folder, "s.sock");
  const script = `require("net").createServer().listen({ path: ${JSON.stringify(path)}, backlog: 1 }, () => process.send("listening"))`;
  const server = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  await once(server, "message");
  server.kill("SIGSTOP");
  const clients: Socket[] = [];
  for (let isFull = false; !isFull; ) {
    const client = connect(path);
    clients.push(client);
    isFull = await once(client, "connect").then(
      () => false,
      () => true,
    );
  }
  await expect(ListeningSocket.bind({ kind: "unix", path })).rejects.toMatchObject({ reason: "EADDRINUSE" });
  expect(existsSync(path)).toBe(true);
  for (const client of clients) client.destroy();
  server.kill("SIGKILL");
  await once(server, "exit");
  rmSync(folder, { recursive: true });
});
