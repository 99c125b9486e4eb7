import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { run, spawn } from "@plait/coroutine";
import { virtualTime } from "@plait/coroutine/testing";
import { type Connection, connect } from "@plait/net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** The calls of a socket's handle that each make one system call: those that write. */
const WRITES = ["writeBuffer", "writeUtf8String", "writeLatin1String", "writeAsciiString", "writeUcs2String", "writev"];

let server: net.Server;
let peer: net.Socket;
let conn: Connection;
let calls = 0;
const undo: (() => void)[] = [];

beforeAll(async () => {
  server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection");
  conn = await connect({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  [peer] = (await accepted) as [net.Socket];
  // Handles inherit them, those of pipes too, over which the test runner hears of its workers.
  const { _handle: handle } = peer as unknown as { _handle: object };
  let holder = handle;
  while (!Object.hasOwn(holder, "writev")) holder = Object.getPrototypeOf(holder) as object;
  const methods = holder as Record<string, (...args: unknown[]) => unknown>;
  for (const name of WRITES) {
    const original = methods[name];
    if (original === undefined) continue;
    undo.push(() => {
      methods[name] = original;
    });
    methods[name] = function (this: object, ...args) {
      if (this instanceof handle.constructor) calls++;
      return original.apply(this, args);
    };
  }
});
afterAll(() => {
  for (const each of undo) each();
  peer.destroy();
  conn.reset();
  server.close();
});

/** Runs something that makes the connection write, and returns how many calls it took until the peer has it all. */
async function counted(bytes: number, write: () => PromiseLike<unknown>): Promise<number> {
  // No turn is over early because a busy machine made it long.
  using _ = virtualTime({ autoAdvance: false });
  calls = 0;
  const arrived = (async () => {
    for (let received = 0; received < bytes; ) received += ((await once(peer, "data"))[0] as Buffer).length;
  })();
  await write();
  await arrived;
  return calls;
}

describe("many small writes in one turn leave in one system call", () => {
  it("of one coroutine", async () => {
    const write = () =>
      run(function* () {
        for (let i = 0; i < 100; i++) yield* conn.write("0123456789");
      });
    expect(await counted(1000, write)).toBe(1);
  });

  it("of text and bytes, and of many coroutines", async () => {
    const write = () =>
      run(function* () {
        for (let i = 0; i < 8; i++) {
          spawn(function* () {
            yield* conn.write(i % 2 === 0 ? "0123456789" : [Buffer.alloc(4), "012345"]);
          });
        }
      });
    expect(await counted(80, write)).toBe(1);
  });

  it("of answers to lines that arrived together", async () => {
    const write = () =>
      run(function* () {
        const server = spawn(function* () {
          for (let i = 0; i < 32; i++) yield* conn.write(`${yield* conn.readLine()}\n`);
        });
        peer.write("hello\n".repeat(32));
        yield* server;
      });
    // One is the peer's own.
    expect(await counted(32 * 6, write)).toBe(2);
  });

  it("but not of different turns", async () => {
    const write = async () => {
      for (let i = 0; i < 3; i++) {
        await conn.write("0123456789");
        await new Promise(setImmediate);
      }
    };
    expect(await counted(30, write)).toBe(3);
  });
});
