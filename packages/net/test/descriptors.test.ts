// Every descriptor is closed exactly once, whatever the way a connection ends.
import { readdirSync } from "node:fs";
import type net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { fileURLToPath } from "node:url";
import type { ConnectionOutcome, Limits, ListenerOptions } from "@plait/net";
import { expect, it } from "vitest";
import { eventually, type Running, serve } from "./support/serving.ts";

/** Connections of all endings together. */
const TOTAL = process.env.PLAIT_LONG ? 20_000 : 350;
/** Connections at a time. */
const BATCH = 20;

interface Ending {
  readonly service?: string;
  readonly listener?: ListenerOptions;
  readonly path?: string;
  readonly outcome: ConnectionOutcome;
  /** What the client does once it is connected. It reads all it gets, unless it pauses. */
  readonly act?: (client: net.Socket) => void;
  /** What is done once a whole batch is connected. */
  readonly after?: (running: Running, clients: readonly net.Socket[]) => unknown;
}

const certificate = (name: string) => fileURLToPath(new URL(`certificates/${name}`, import.meta.url));
const encrypted: ListenerOptions = { tls: { cert: certificate("localhost.pem"), key: certificate("localhost.key") } };
const behindProxy: ListenerOptions = { proxy: { mode: "require", trust: ["127.0.0.1"] } };
const perhapsBehindProxy: ListenerOptions = { proxy: { mode: "accept", trust: ["127.0.0.1"] } };
const full = (limits: Limits): ListenerOptions => ({ limits });
const onFirstBytes = (act: (client: net.Socket) => void) => (client: net.Socket) => {
  client.once("data", () => act(client)).write("a\n");
};
/** Speaks TLS over a client, and acts once the handshake is done. */
const secured = (act: (client: tls.TLSSocket, under: net.Socket) => void) => (under: net.Socket) => {
  const client = tls.connect({ socket: under, rejectUnauthorized: false });
  client.on("error", () => {}).once("data", () => act(client, under));
};
const GET = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

const endings: Record<string, Ending> = {
  "the client ends": { outcome: "served", act: (client) => client.end("a\n") },
  "the client says nothing and ends": { outcome: "served", act: (client) => client.end() },
  "the handler returns": { outcome: "served", act: (client) => client.write("return\n") },
  "the handler returns with bytes unread": { outcome: "served", act: (client) => client.write("return\nand more\n") },
  "the handler throws": { outcome: "failed", act: (client) => client.write("throw\n") },
  "the handler resets": { outcome: "failed", act: (client) => client.write("reset\na\n") },
  "the client resets": { outcome: "reset", act: onFirstBytes((client) => client.resetAndDestroy()) },
  "the client ends in the middle of a line": { outcome: "invalid", act: (client) => client.end("half") },
  "a line is too long": { outcome: "limit", act: (client) => client.end("x".repeat(100_000)) },
  "the host cancels a read": { outcome: "cancelled", after: ({ host }) => host.cancel("over") },
  "the host cancels a write that waits": {
    service: "endless.ts",
    outcome: "cancelled",
    act: (client) => client.pause(),
    after: ({ host }, clients) => host.cancel("over").then(() => clients.map((client) => client.destroy())),
  },
  "idle for too long": { listener: { timeouts: { idle: 10 } }, outcome: "timeout" },
  "older than its lifetime": { listener: { timeouts: { lifetime: 10 } }, outcome: "timeout" },
  "the peer does not read": {
    service: "endless.ts",
    listener: { timeouts: { write: 20 } },
    outcome: "timeout",
    act: (client) => client.pause(),
    after: async ({ host }, clients) => {
      await host.idle();
      for (const client of clients) client.destroy();
    },
  },
  "the peer sends a byte and no more": {
    listener: full({ minReadRate: { bytesPerSecond: 1000, grace: 10 } }),
    outcome: "limit",
    act: (client) => client.write("x"),
  },
  "the peer never ends its side": {
    listener: { timeouts: { linger: 10 } },
    outcome: "served",
    act: (client) => {
      client.allowHalfOpen = true;
      client.write("return\n");
      client.once("end", () => setTimeout(() => client.destroy(), 20));
    },
  },
  "one too many: close": { listener: full({ connections: 0 }), outcome: "limit" },
  "one too many: reset": { listener: full({ connections: 0, overload: "reset" }), outcome: "limit" },
  "one too many: farewell": { listener: full({ connections: 0, overload: { farewell: "full" } }), outcome: "limit" },
  "one too many of its address": { listener: full({ perAddress: { max: 0 } }), outcome: "limit" },
  "too many a second": { listener: full({ acceptRate: { perSecond: 1e-9, burst: 0 } }), outcome: "limit" },
  "behind a proxy": {
    listener: behindProxy,
    outcome: "served",
    act: (client) => client.end("PROXY TCP4 10.1.2.3 192.168.0.1 8080 443\r\n"),
  },
  "no PROXY header, and the end": { listener: perhapsBehindProxy, outcome: "served", act: (client) => client.end() },
  "the start of a PROXY header, and the end": {
    listener: perhapsBehindProxy,
    outcome: "served",
    act: (client) => client.end("\r\n"),
  },
  "hosted, no PROXY header, and the end": {
    service: "net.ts",
    listener: perhapsBehindProxy,
    outcome: "served",
    act: (client) => client.end("P"),
  },
  "a broken PROXY header": { listener: behindProxy, outcome: "invalid", act: (client) => client.end("PROXY UDP6 ") },
  "half a PROXY header in time": {
    listener: { ...behindProxy, timeouts: { handshake: 10 } },
    outcome: "timeout",
    act: (client) => client.write("PROX"),
  },
  "TLS: the client ends": {
    service: "describe-tls.ts",
    listener: encrypted,
    outcome: "served",
    act: secured((client) => client.end()),
  },
  "TLS: the client resets": {
    service: "describe-tls.ts",
    listener: encrypted,
    outcome: "reset",
    act: secured((_, under) => under.resetAndDestroy()),
  },
  "TLS: the handshake is none": {
    listener: encrypted,
    outcome: "invalid",
    act: (client) => client.end("GET / HTTP/1.1\r\n\r\n"),
  },
  "TLS: the handshake does not come": {
    listener: { ...encrypted, timeouts: { handshake: 10 } },
    outcome: "timeout",
  },
  "TLS: the host cancels": {
    service: "describe-tls.ts",
    listener: encrypted,
    outcome: "cancelled",
    act: secured(() => {}),
    after: ({ host }) => host.cancel("over"),
  },
  // Not http.ts: on a busy machine its 100 ms for a request may pass first.
  "HTTP: the client ends": { service: "express.ts", outcome: "served", act: onAnswer((client) => client.end()) },
  "HTTP: the client resets": {
    service: "express.ts",
    outcome: "reset",
    act: onAnswer((client) => client.resetAndDestroy()),
  },
  "HTTP: half a header in time": { service: "http.ts", outcome: "timeout", act: (client) => client.write("GET / HT") },
  "net: the service destroys": { service: "net.ts", outcome: "failed", act: (client) => client.write("destroy") },
  "unix: the client ends": {
    path: join(tmpdir(), `plait-${process.pid}-end.sock`),
    outcome: "served",
    act: (client) => client.end("a\n"),
  },
  "unix: the client goes away": {
    path: join(tmpdir(), `plait-${process.pid}-away.sock`),
    outcome: "served",
    act: onFirstBytes((client) => client.destroy()),
  },
};

function onAnswer(act: (client: net.Socket) => void): (client: net.Socket) => void {
  return (client) => client.once("data", () => act(client)).write(GET);
}

async function batch(running: Running, { act, after }: Ending, count: number): Promise<void> {
  const { total } = running.host;
  const clients = await Promise.all(
    Array.from({ length: count }, async () => {
      // A reset may come before the client has noticed that it is connected.
      const client = await running.connect().catch(() => undefined);
      client?.resume();
      if (client !== undefined) act?.(client);
      return client === undefined ? [] : [client];
    }),
  ).then((each) => each.flat());
  await eventually(() => running.host.total === total + count);
  await after?.(running, clients);
  await Promise.all(clients.map((client) => client.closed || new Promise((resolve) => client.once("close", resolve))));
  await running.host.idle();
}

it("closes every descriptor exactly once, whatever the ending", async () => {
  const kinds = await Promise.all(
    Object.entries(endings).map(async ([name, ending]) => {
      const { service = "commands.ts", listener = {}, path } = ending;
      return { name, ending, running: await serve(service, { listeners: { main: listener } }, path) };
    }),
  );
  const round = async (count: number) => {
    for (const { ending, running } of kinds) {
      for (let left = count; left > 0; left -= BATCH) await batch(running, ending, Math.min(left, BATCH));
    }
  };
  const descriptors = () => readdirSync("/proc/self/fd").length;
  await round(2);
  const before = descriptors();
  const each = Math.ceil(TOTAL / kinds.length);
  await round(each);
  expect(descriptors()).toBe(before);
  for (const { name, ending, running } of kinds) {
    expect([name, running.host.outcomes]).toEqual([name, expect.objectContaining({ [ending.outcome]: each + 2 })]);
    await running[Symbol.asyncDispose]();
  }
  if (process.env.PLAIT_LONG) console.log({ endings: kinds.length, connections: each * kinds.length, before });
}, 300_000);
