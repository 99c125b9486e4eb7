import { once } from "node:events";
import net from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdoptedSocket } from "../src/adopted-socket.ts";
import { putBack, type Taken, takeHandle, unpause } from "../src/node-socket.ts";

/** Records what a socket reports. */
class Recorder extends AdoptedSocket {
  readonly events: string[] = [];
  readonly memories = new Set<ArrayBufferLike>();
  bytes = 0;
  borrowed = 0;
  readonly #changed: (() => void)[] = [];

  protected override onBytes(memory: Buffer, length: number, borrowed: boolean): void {
    this.bytes += length;
    this.memories.add(memory.buffer);
    if (borrowed) this.borrowed++;
    this.#note(`bytes`);
  }
  protected override onEnd(): void {
    this.#note("end");
  }
  protected override onTaken(): void {
    this.#note("taken");
  }
  protected override onFinish(): void {
    this.#note("finish");
  }
  protected override onClose(error: Error | undefined): void {
    this.#note(error === undefined ? "close" : `close ${(error as NodeJS.ErrnoException).code}`);
  }
  async until(condition: (recorder: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resume) => this.#changed.push(resume));
  }
  #note(event: string): void {
    this.events.push(event);
    for (const resume of this.#changed.splice(0)) resume();
  }
}

let server: net.Server;
beforeAll(async () => {
  server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.close();
});

async function adopted(): Promise<{ socket: Recorder; client: net.Socket }> {
  const client = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1");
  client.on("error", () => {});
  const [accepted] = await once(server, "connection");
  return { socket: new Recorder((takeHandle(accepted) as Taken).handle), client };
}

// These fail when Node changes what adopted-socket.ts and node-socket.ts rest on.
describe("an adopted socket", () => {
  it("takes the descriptor out of a socket, and its server no longer counts it", async () => {
    const { socket, client } = await adopted();
    expect(socket.localPort).toBe((server.address() as net.AddressInfo).port);
    const count = await new Promise((resolve) => server.getConnections((_error, n) => resolve(n)));
    expect(count).toBe(0);
    socket.destroy();
    await once(client, "close");
  });

  it("reads small chunks of every socket into one shared memory", async () => {
    const all = [await adopted(), await adopted(), await adopted()];
    const memories = new Set<ArrayBufferLike>();
    for (const { socket, client } of all) {
      client.write("hello");
      await socket.until(({ bytes }) => bytes === 5);
      expect(socket.borrowed).toBe(1);
      for (const memory of socket.memories) memories.add(memory);
    }
    expect(memories.size).toBe(1);
    for (const { socket } of all) socket.destroy();
  });

  it("reads large chunks into memory of its own, and goes back for small ones", async () => {
    const { socket, client } = await adopted();
    client.write(Buffer.alloc(4 * 1024 * 1024));
    await socket.until(({ bytes }) => bytes === 4 * 1024 * 1024);
    expect(socket.borrowed).toBeLessThan(socket.events.length / 2);
    for (let i = 0; i < 3; i++) {
      const { borrowed, bytes } = socket;
      client.write("small");
      await socket.until((now) => now.bytes === bytes + 5);
      if (i > 0) expect(socket.borrowed).toBe(borrowed + 1);
    }
    socket.destroy();
  });

  it("reports the end, stays writable, and closes once when both sides have ended", async () => {
    const { socket, client } = await adopted();
    client.end("bye");
    await socket.until(({ events }) => events.includes("end"));
    socket.transmit("answer");
    socket.end();
    expect(String((await once(client, "data"))[0])).toBe("answer");
    await socket.until(({ events }) => events.includes("close"));
    expect(socket.events).toEqual(["bytes", "end", "finish", "close"]);
  });

  it("says at once whether the kernel has taken everything, and how far it is", async () => {
    const { socket, client } = await adopted();
    client.pause();
    socket.transmit("small");
    expect([socket.unsent, socket.taken]).toEqual([0, 5]);
    const size = 16 * 1024 * 1024;
    socket.transmit(Buffer.alloc(size));
    expect(socket.unsent).toBe(size);
    const early = socket.taken;
    expect(early).toBeLessThan(size);
    client.resume();
    await socket.until(({ events }) => events.includes("taken"));
    expect([socket.unsent, socket.taken]).toEqual([0, size + 5]);
    expect(socket.events).toEqual(["taken"]);
    socket.destroy();
  });

  it("sends text, bytes and lists of both in the order they were given, however many", async () => {
    const piece = fc.oneof(fc.string({ unit: "grapheme" }), fc.uint8Array());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(piece, fc.array(piece, { minLength: 2 }))), async (writes) => {
        const { socket, client } = await adopted();
        const received: Buffer[] = [];
        client.on("data", (chunk: Buffer) => received.push(chunk));
        for (const data of writes) socket.transmit(data);
        socket.end();
        await once(client, "end");
        expect(Buffer.concat(received)).toEqual(Buffer.concat(writes.flat().map((one) => Buffer.from(one))));
        socket.destroy();
      }),
      { numRuns: 40 },
    );
  });

  it("sends pieces and the end in order behind a write that the kernel takes later", async () => {
    const { socket, client } = await adopted();
    client.pause();
    const size = 16 * 1024 * 1024;
    socket.transmit(Buffer.alloc(size, "a"));
    socket.transmit(["b", Buffer.from("c"), "déf"]);
    socket.transmit("g");
    socket.end();
    expect(socket.unsent).toBe(size + 6);
    const received: Buffer[] = [];
    client.on("data", (chunk: Buffer) => received.push(chunk)).resume();
    await once(client, "end");
    expect(Buffer.concat(received).subarray(size).toString()).toBe("bcdéfg");
    await socket.until(({ events }) => events.includes("close"));
    expect(socket.events).toEqual(["taken", "taken", "taken", "finish", "end", "close"]);
    expect(socket.unsent).toBe(0);
  });

  it("closes with the error that a write returns", async () => {
    const { socket, client } = await adopted();
    // Nobody reads, so the reset is seen by the write alone.
    socket.pause();
    client.resetAndDestroy();
    await once(client, "close");
    socket.transmit("lost");
    await socket.until(({ events }) => events.length > 0);
    expect(socket.events[0]).toMatch(/^close (ECONNRESET|EPIPE)$/);
    socket.transmit("nobody is there any more");
    expect(socket.unsent).toBe(0);
  });

  it("closes with the error of a write that waited", async () => {
    const { socket, client } = await adopted();
    client.pause();
    socket.pause();
    socket.transmit(Buffer.alloc(16 * 1024 * 1024));
    socket.transmit("behind it");
    client.resetAndDestroy();
    await socket.until(({ events }) => events.length > 0);
    expect(socket.events).toHaveLength(1);
    expect(socket.events[0]).toMatch(/^close (ECONNRESET|EPIPE)$/);
  });

  it("reports nothing of what waited once it is destroyed", async () => {
    const { socket, client } = await adopted();
    client.pause();
    socket.transmit(Buffer.alloc(16 * 1024 * 1024));
    socket.destroy();
    await socket.until(({ events }) => events.length > 0);
    expect(socket.events).toEqual(["close"]);
    expect(socket.unsent).toBe(0);
    client.destroy();
  });

  it("resets at once, whatever waits to be sent", async () => {
    const { socket, client } = await adopted();
    client.pause();
    socket.transmit(Buffer.alloc(16 * 1024 * 1024));
    socket.resetNow();
    client.resume();
    const [error] = await once(client, "error");
    expect(error.code).toBe("ECONNRESET");
    await socket.until(({ events }) => events.length > 0);
    expect(socket.events).toEqual(["close"]);
  });

  it("hands over what the socket had read before", async () => {
    const client = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1");
    const [accepted] = await once(server, "connection");
    client.write("early");
    accepted.read(0);
    while (accepted.readableLength === 0) await new Promise(setImmediate);
    const taken = takeHandle(accepted) as Taken;
    expect(String(taken.alreadyRead)).toBe("early");
    expect(takeHandle(accepted)).toBeUndefined();
    new Recorder(taken.handle).destroy();
  });
});

it("a socket accepted paused can be put back to waiting for a listener", async () => {
  const client = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1");
  const [accepted] = await once(server, "connection");
  unpause(accepted);
  client.write("early");
  while (accepted.readableLength === 0) await new Promise(setImmediate);
  expect(String((await once(accepted, "data"))[0])).toBe("early");
  accepted.destroy();
});

it("what was read from a socket can be put back, and the end of the stream with it", async () => {
  for (const ended of [false, true]) {
    const client = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1");
    const [accepted] = await once(server, "connection");
    accepted.read(0);
    if (ended) client.end("early");
    else client.write("early");
    await once(accepted, "readable");
    const bytes = accepted.read();
    if (ended) await once(accepted, "end");
    const again = putBack(accepted, bytes);
    expect(again === accepted).toBe(!ended);
    client.end();
    const taken = takeHandle(again) as Taken;
    expect(String(taken.alreadyRead)).toBe("early");
    const socket = new Recorder(taken.handle);
    await socket.until(({ events }) => events.includes("end"));
    socket.destroy();
  }
});
