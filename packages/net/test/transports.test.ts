// Every way a connection can end means the same over every transport.
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Co, run, spawn, until } from "@plait/coroutine";
import {
  type Connection,
  ConnectionClosedError,
  ConnectionResetError,
  connect,
  framed,
  lengthPrefixed,
  pipe,
  UnexpectedEndError,
} from "@plait/net";
import { describe, expect, it } from "vitest";
import { linkOf } from "../src/connection.ts";
import { borrowers } from "./services/lent.ts";
import { serve } from "./support/serving.ts";

const certificate = (name: string) => fileURLToPath(new URL(`certificates/${name}`, import.meta.url));

/** Two ends of one connection; disposing it cuts off what is left. */
interface Pair extends AsyncDisposable {
  readonly client: Connection;
  readonly server: Connection;
}

async function overSockets({ tls = false, path }: { tls?: boolean; path?: string }): Promise<Pair> {
  const files = { cert: certificate("localhost.pem"), key: certificate("localhost.key") };
  const running = await serve("lent.ts", { listeners: { main: tls ? { tls: files } : {} } }, path);
  const lent = new Promise<Connection>((resolve) => borrowers.push(resolve));
  const address = path === undefined ? { host: "localhost", port: running.port } : { path };
  const ca = readFileSync(certificate("ca.pem"));
  const client = await connect({ ...address, ...(tls && { tls: { ca } }) });
  const dispose = async () => {
    client.reset();
    await running[Symbol.asyncDispose]();
  };
  return { client, server: await lent, [Symbol.asyncDispose]: dispose };
}

function inMemory(): Pair {
  const [client, server] = pipe();
  return { client, server, async [Symbol.asyncDispose]() {} };
}

const transports: Record<string, () => Pair | Promise<Pair>> = {
  memory: inMemory,
  TCP: () => overSockets({}),
  TLS: () => overSockets({ tls: true }),
  "a unix-domain socket": () => overSockets({ path: join(tmpdir(), `plait-${process.pid}-lent.sock`) }),
};
/** Those that can tell a reset from an end. */
const withReset = Object.entries(transports).slice(0, 2);

function* readAll(conn: Connection): Co<Buffer> {
  const chunks: Buffer[] = [];
  for (let chunk = yield* conn.read(); chunk !== null; chunk = yield* conn.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function failure(op: PromiseLike<unknown>): Promise<unknown> {
  return op.then(
    () => expect.unreachable("It did not fail."),
    (error: unknown) => error,
  );
}

/** Writes numbered blocks for as long as it may; `blocks` is how many writes have happened. */
function writer(conn: Connection) {
  const state = { blocks: 0 };
  return {
    state,
    *body(): Co<void> {
      for (;;) {
        yield* conn.write(Buffer.alloc(64 * 1024, state.blocks));
        state.blocks++;
      }
    },
  };
}

/** Waits until a writer makes no progress: everything between the two ends is full. */
async function heldUp(state: { readonly blocks: number }): Promise<void> {
  for (let before = -1; state.blocks !== before; ) {
    before = state.blocks;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

function expectBlocks(received: Buffer, blocks: number): void {
  expect(blocks).toBeGreaterThan(0);
  expect(received.length).toBe(blocks * 64 * 1024);
  for (let block = 0; block < blocks; block++) expect(received[block * 64 * 1024]).toBe(block & 255);
}

describe.each(Object.entries(transports))("over %s", (_name, open) => {
  it("half-close: the peer reads to the end and may still answer", async () => {
    await using pair = await open();
    const { client, server } = pair;
    await client.write("question");
    await client.closeWrite();
    expect(String(await run(() => readAll(server)))).toBe("question");
    await server.write("answer");
    await server.close();
    expect(String(await run(() => readAll(client)))).toBe("answer");
  });

  it("an end in the middle of a frame is UnexpectedEndError, and what came is there to read", async () => {
    await using pair = await open();
    const { client, server } = pair;
    const frames = framed(server, lengthPrefixed());
    await client.write(Buffer.from([0, 0, 0, 2, 65, 66, 0, 0, 0, 9, 67]));
    await client.closeWrite();
    expect(String(await frames.read())).toBe("AB");
    expect(await failure(frames.read())).toMatchObject({ code: "ERR_PLAIT_UNEXPECTED_END", received: 5 });
    expect(await failure(server.readExactly(9))).toBeInstanceOf(UnexpectedEndError);
  });

  it("write after closeWrite and after close is ConnectionClosedError", async () => {
    await using pair = await open();
    const { client } = pair;
    await client.closeWrite();
    expect(await failure(client.write("x"))).toBeInstanceOf(ConnectionClosedError);
    client.close();
    expect(await failure(client.write("x"))).toBeInstanceOf(ConnectionClosedError);
    expect(await failure(client.read())).toBeInstanceOf(ConnectionClosedError);
    expect(() => client.tryWrite("x")).toThrow(ConnectionClosedError);
  });

  it("close during a pending read: the read fails, what was written arrives", async () => {
    await using pair = await open();
    const { client, server } = pair;
    const reading = failure(client.read());
    await client.write("last words");
    client.close();
    expect(await reading).toBeInstanceOf(ConnectionClosedError);
    expect(String(await run(() => readAll(server)))).toBe("last words");
    expect(client.signal.reason).toBeInstanceOf(ConnectionClosedError);
  });

  it("cancel during a pending write: nothing of it is sent, all before it arrives, and the next write follows", async () => {
    await using pair = await open();
    const { client, server } = pair;
    const { state, body } = writer(client);
    const received = await run(function* () {
      const writing = spawn(body);
      yield* until(heldUp(state));
      yield* writing.cancel();
      client.closeWrite();
      return yield* readAll(server);
    });
    expectBlocks(received, state.blocks);
  });

  it("close during a pending write: that write fails and has sent nothing, all before it arrives", async () => {
    await using pair = await open();
    const { client, server } = pair;
    const { state, body } = writer(client);
    const writing = failure(run(body));
    await heldUp(state);
    client.close();
    expect(await writing).toBeInstanceOf(ConnectionClosedError);
    expectBlocks(await run(() => readAll(server)), state.blocks);
  });
});

describe.each(Object.entries(transports).slice(1))("over %s", (_name, open) => {
  it("counts what the peer takes of one large write while it is under way", async () => {
    await using pair = await open();
    for (const [from, to] of [
      [pair.client, pair.server],
      [pair.server, pair.client],
    ] as const) {
      const { transport } = linkOf(from);
      await from.write(Buffer.alloc(32 * 1024 * 1024));
      let before = -1;
      while (transport.taken !== before) {
        before = transport.taken;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      const half = 16 * 1024 * 1024;
      await to.readExactly(half, { max: half });
      expect(transport.pending).toBeGreaterThan(0);
      expect(transport.taken).toBeGreaterThan(before);
    }
  });
});

describe.each(withReset)("over %s", (_name, open) => {
  it("reset: the peer's waiting read, its writes and its signal all say so", async () => {
    await using pair = await open();
    const { client, server } = pair;
    const reading = failure(server.read());
    const { signal } = server;
    client.reset();
    expect(await reading).toBeInstanceOf(ConnectionResetError);
    expect(await failure(server.write("x"))).toBeInstanceOf(ConnectionResetError);
    expect(signal.reason).toBeInstanceOf(ConnectionResetError);
    expect(await failure(client.read())).toBeInstanceOf(ConnectionClosedError);
  });
});
