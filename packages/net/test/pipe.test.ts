import { type Co, run, sleep, spawn, timeout } from "@plait/coroutine";
import { virtualTime } from "@plait/coroutine/testing";
import { now } from "@plait/coroutine/unstable";
import {
  ConcurrentReadError,
  type Connection,
  ConnectionResetError,
  ConnectionTimeoutError,
  FrameTooLargeError,
  framed,
  type LineEncoding,
  lengthPrefixed,
  lines,
  PeerError,
  pipe,
  SlowPeerError,
  UnexpectedEndError,
} from "@plait/net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

function* readAll(conn: Connection): Co<string> {
  let text = "";
  for (let chunk = yield* conn.read(); chunk !== null; chunk = yield* conn.read()) text += chunk;
  return text;
}

/** What waiting on an operation throws. */
async function failure(op: PromiseLike<unknown>): Promise<unknown> {
  try {
    await op;
  } catch (error) {
    return error;
  }
  throw new Error("It did not fail.");
}

describe("reading", () => {
  it("gives the same results however the bytes were split", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (sizes) => {
        let turn = 0;
        const [client, server] = pipe({ chunk: () => sizes[turn++ % sizes.length] as number });
        await client.write("PING 1\r\nkey=value;\0\0\0\x05hellolast\n");
        await client.closeWrite();
        expect(await server.peek(4)).toEqual(Buffer.from("PING"));
        expect(await server.readLine()).toBe("PING 1");
        expect(String(await server.readUntil("="))).toBe("key");
        expect(String(await server.readUntil(59, { keep: true }))).toBe("value;");
        const size = (await server.readExactly(4)).readUInt32BE();
        expect(String(await server.readExactly(size))).toBe("hello");
        server.unread(Buffer.from("the "));
        expect(await server.readLine()).toBe("the last");
        expect(await server.readLine()).toBeNull();
        expect(await server.read()).toBeNull();
      }),
      { numRuns: 40 },
    );
  });

  it("gives no more than was asked for, and every byte once, to who waits and to who comes later", async () => {
    const most = fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined });
    const step = fc.record({ bytes: fc.integer({ min: 1, max: 9 }), max: most, late: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1 }), async (steps) => {
        const [client, server] = pipe();
        let sent = "";
        let got = "";
        const take = async (max: number | undefined) => {
          const chunk = await server.read(max === undefined ? {} : { max });
          expect(chunk?.length).toBeLessThanOrEqual(max ?? 9 * steps.length);
          got += chunk;
        };
        for (const { bytes, max, late } of steps) {
          const text = String.fromCharCode(65 + (sent.length % 26)).repeat(bytes);
          sent += text;
          const early = late ? undefined : take(max);
          // A turn, for the read to wait before the bytes come, or the bytes to come before the read.
          await new Promise(setImmediate);
          await client.write(text);
          await new Promise(setImmediate);
          await (early ?? take(max));
        }
        await client.closeWrite();
        for await (const chunk of server) got += chunk;
        expect(got).toBe(sent);
      }),
      { numRuns: 40 },
    );
  });

  it("works with yield*, with await and with for await", async () => {
    const [client, server] = pipe();
    const echoed = run(function* () {
      yield* client.write("one ");
      yield* client.closeWrite();
      return yield* readAll(client);
    });
    for await (const chunk of server) await server.write(`${chunk}two`);
    await server.close();
    expect(await echoed).toBe("one two");
  });

  it("lets one coroutine read at a time", async () => {
    const [, server] = pipe();
    await run(function* () {
      const first = spawn(function* () {
        yield* server.read();
      });
      yield* sleep(0);
      try {
        yield* server.readLine();
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(ConcurrentReadError);
      }
      yield* first.cancel();
    });
  });

  it("takes nothing when it is cancelled or times out", async () => {
    const [client, server] = pipe();
    await client.write("par");
    await expect(run(() => timeout(5, server.readLine()))).rejects.toThrow("line from");
    await client.write("tial\n");
    expect(await server.readLine()).toBe("partial");
  });

  it("stops a line that is too long, and ends in the middle of one with an error that says so", async () => {
    const [client, server] = pipe();
    await client.write("x".repeat(20));
    expect(await failure(server.readLine({ max: 10 }))).toBeInstanceOf(FrameTooLargeError);
    await client.closeWrite();
    const error = await failure(server.readLine());
    expect(error).toBeInstanceOf(UnexpectedEndError);
    expect(error).toMatchObject({ code: "ERR_PLAIT_UNEXPECTED_END", received: 20 });
    expect(String(await server.read())).toBe("x".repeat(20));
  });

  it.each([
    ["a line", (conn: Connection) => conn.readLine({ max: 10 })],
    ["a block", (conn: Connection) => conn.readUntil("--", { max: 10 })],
  ])("%s past its limit can be answered, and no more than the peer's due is kept", async (_what, read) => {
    const [client, server] = pipe({ readAhead: 1000, chunk: () => 100, watermarks: { low: 100, high: 1000 } });
    const flood = run(function* () {
      for (;;) yield* client.write("x".repeat(100));
    }).catch((error: unknown) => error);
    expect(await failure(read(server))).toBeInstanceOf(FrameTooLargeError);
    await sleep(20);
    expect(server.bytesIn).toBeLessThanOrEqual(1100);
    expect(server.closed).toBe(false);
    // Reading on throws the same, and still takes nothing.
    expect(await failure(read(server))).toBeInstanceOf(FrameTooLargeError);
    await server.write("500 too long\n");
    await server.close();
    expect(await client.readLine()).toBe("500 too long");
    client.reset();
    await flood;
  });

  it("does not read lines in an encoding whose line feeds are no bytes of their own", () => {
    const [, server] = pipe();
    for (const encoding of ["utf16le", "ucs2", "hex", "base64"] as unknown as LineEncoding[]) {
      expect(() => server.readLine({ encoding })).toThrow("Use utf8, latin1 or ascii");
      expect(() => lines({ encoding })).toThrow("Use utf8, latin1 or ascii");
    }
  });

  it.each(["utf8", "latin1", "ascii"] as const)("reads and writes every line in %s", async (encoding) => {
    const [client, server] = pipe({ chunk: () => 1 });
    const sent = framed(client, lines({ encoding }));
    const text = encoding === "ascii" ? "one" : "één";
    for (const line of [text, "", text]) await sent.write(line);
    await client.write(Buffer.from(`${text}\r\n${text}\n`, encoding));
    const received = framed(server, lines({ encoding }));
    for (const line of [text, "", text]) expect(await received.read()).toBe(line);
    for (const line of [text, text]) expect(await server.readLine({ encoding })).toBe(line);
  });

  it("takes a line and a block of exactly the limit, while their ends are still on the way", async () => {
    const [client, server] = pipe({ chunk: () => 1 });
    await client.write("12345\r\n12345--123456--");
    expect(await server.readLine({ max: 5 })).toBe("12345");
    expect(String(await server.readUntil("--", { max: 5 }))).toBe("12345");
    expect(await failure(server.readUntil("--", { max: 5 }))).toBeInstanceOf(FrameTooLargeError);
  });

  it("does not begin a read whose arguments make no sense", () => {
    const [, server] = pipe();
    const senseless: (() => unknown)[] = [
      ...[-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY].flatMap((count) => [
        () => server.readExactly(count),
        () => server.peek(count),
      ]),
      ...[0, -2, 1.5, Number.NaN].map((max) => () => server.read({ max })),
      ...[-1, 1.5, Number.NaN].flatMap((max) => [
        () => server.readLine({ max }),
        () => server.readUntil("x", { max }),
        () => server.readExactly(1, { max }),
      ]),
      ...["", new Uint8Array(0), 256, -1, 1.5].map((delimiter) => () => server.readUntil(delimiter)),
    ];
    for (const read of senseless) expect(read, String(read)).toThrow(RangeError);
  });

  it("reads nothing of a block past its limit, and gets one within", async () => {
    const [client, server] = pipe();
    await client.write("hello");
    expect(await failure(server.readExactly(5, { max: 4 }))).toMatchObject({
      code: "ERR_PLAIT_FRAME_TOO_LARGE",
      max: 4,
    });
    expect(await failure(server.peek(2 ** 31))).toBeInstanceOf(FrameTooLargeError);
    expect(String(await server.readExactly(0))).toBe("");
    expect(String(await server.readExactly(5, { max: 5 }))).toBe("hello");
  });

  it("holds the peer back while nobody reads, and reads more than that when asked to", async () => {
    const [client, server] = pipe({ readAhead: 1000, watermarks: { low: 100, high: 1000 } });
    const written = run(function* () {
      for (let i = 0; i < 100; i++) yield* client.write(Buffer.alloc(100, i));
      yield* client.closeWrite();
    });
    await sleep(5);
    expect(server.bytesIn).toBeLessThanOrEqual(1100);
    expect(client.bytesOut).toBeLessThanOrEqual(2200);
    expect((await server.readExactly(5000)).length).toBe(5000);
    expect((await run(() => readAll(server))).length).toBe(5000);
    await written;
  });
});

describe("writing", () => {
  it("waits at the high-water mark and goes on under the low one", async () => {
    const [client, server] = pipe({ readAhead: 10, watermarks: { low: 40, high: 100 } });
    await client.write("x".repeat(10));
    await client.write("x".repeat(100));
    let done = false;
    const third = client.write("y").then(() => {
      done = true;
    });
    await sleep(2);
    expect([done, client.unsent]).toEqual([false, 100]);
    expect(client.tryWrite("z")).toBe(false);
    await server.readExactly(110);
    await third;
    expect(client.tryWrite("z")).toBe(true);
    expect(String(await server.readExactly(2))).toBe("yz");
  });

  it("sends nothing of a write that was cancelled while it waited", async () => {
    const [client, server] = pipe({ readAhead: 1, watermarks: { low: 0, high: 1 } });
    await run(function* () {
      yield* client.write("a");
      yield* client.write("b");
      const late = spawn(function* () {
        yield* client.write("never");
      });
      yield* sleep(0);
      yield* late.cancel();
      const ended = client.closeWrite();
      expect(yield* readAll(server)).toBe("ab");
      yield* ended;
    });
  });

  it("keeps corked output of the turn that was corked, too", async () => {
    await run(function* () {
      const [client, server] = pipe();
      yield* client.write("1");
      const cork = client.cork();
      yield* client.write("2");
      yield* sleep(2);
      expect(server.bytesIn).toBe(1);
      cork[Symbol.dispose]();
      yield* client.write("3");
      expect(String(yield* server.readExactly(3))).toBe("123");
    });
  });

  it.each([
    ["a number", 5],
    ["undefined", undefined],
    ["null", null],
    ["an Object", {}],
    ["a Float64Array", new Float64Array(1)],
    ["a list with a number", ["a", 5]],
    ["a list with an Array", ["a", ["b"]]],
  ])("%s can't be written, and the writer is told", async (what, data) => {
    const [client, server] = pipe({ readAhead: 1, watermarks: { low: 0, high: 1 } });
    const wrong = data as unknown as string;
    const told = { code: "ERR_PLAIT_NOT_WRITABLE", message: expect.stringContaining(`Can't write ${what}.`) };
    expect(() => client.tryWrite(wrong)).toThrow(expect.objectContaining(told));
    await client.write("ab");
    await client.write("c");
    // There is no room now: a write would wait.
    expect(() => client.write(wrong)).toThrow(TypeError);
    expect(() =>
      framed(client, { name: "wrong", decode: () => undefined, encode: () => wrong }).write(undefined),
    ).toThrow(TypeError);
    client.closeWrite();
    expect(await run(() => readAll(server))).toBe("abc");
  });

  it("keeps corked output until the cork is pulled", async () => {
    const [client, server] = pipe();
    await client.write("before ");
    const cork = client.cork();
    await client.write("head ");
    await sleep(2);
    expect(String(await server.read())).toBe("before ");
    expect(server.bytesIn).toBe(7);
    await client.write("body");
    cork[Symbol.dispose]();
    expect(String(await server.read())).toBe("head body");
  });
});

describe("latency", () => {
  const arrivals = (conn: Connection) =>
    function* () {
      const seen: [string, number][] = [];
      for (let chunk = yield* conn.read(); ; chunk = yield* conn.read()) {
        seen.push([String(chunk), now()]);
        if (chunk === null) return seen;
      }
    };

  it("delays the end of the stream as it does the bytes", async () => {
    using time = virtualTime();
    const started = time.now;
    await run(function* () {
      const [client, server] = pipe({ latency: 100 });
      yield* client.write("x");
      yield* sleep(50);
      client.closeWrite();
      expect(yield* arrivals(server)()).toEqual([
        ["x", started + 100],
        ["null", started + 150],
      ]);
    });
  });

  it("delays it also to a reader that was held back when it was sent", async () => {
    using time = virtualTime();
    const started = time.now;
    await run(function* () {
      const [client, server] = pipe({ latency: 100, readAhead: 4 });
      yield* client.write("xxxxxxxx");
      yield* sleep(150);
      client.closeWrite();
      yield* sleep(10);
      expect(yield* arrivals(server)()).toEqual([
        ["xxxxxxxx", started + 160],
        ["null", started + 250],
      ]);
    });
  });
});

describe("endings", () => {
  it("a peer that does not end its side is let go after the linger time", async () => {
    const [client, server] = pipe({ timeouts: { linger: 5 } });
    await client.close();
    await sleep(20);
    expect(await failure(run(() => writeUntilItFails(server)))).toBeInstanceOf(ConnectionResetError);
  });

  it("what arrived before both sides ended can be read after, and the signal says that both did", async () => {
    const [client, server] = pipe();
    const { signal } = client;
    await server.write("late");
    server.closeWrite();
    client.closeWrite();
    await new Promise((aborted) => signal.addEventListener("abort", aborted));
    expect(client.closed).toBe(true);
    expect(signal.reason).toMatchObject({
      code: "ERR_PLAIT_CONNECTION_CLOSED",
      message: "Can't go on: both sides have ended the connection. What had arrived can still be read.",
    });
    expect([String(await client.read()), await client.read()]).toEqual(["late", null]);
  });

  it("the signal made after the end is aborted already", async () => {
    const [client] = pipe();
    client.reset("tired of it");
    expect(client.signal.aborted).toBe(true);
    expect(client.signal.reason).toMatchObject({ cause: "tired of it" });
  });
});

function* writeUntilItFails(conn: Connection): Co<void> {
  for (;;) {
    yield* conn.write("x");
    yield* sleep(1);
  }
}

describe("deadlines", () => {
  it.each([
    ["idle", { idle: 10 }, (conn: Connection) => conn.read()],
    ["read", { read: 10 }, (conn: Connection) => conn.readLine()],
    ["lifetime", { lifetime: 10 }, (conn: Connection) => conn.readLine()],
  ] as const)("%s: ends the connection, and the error and the signal say which", async (deadline, timeouts, wait) => {
    const [, server] = pipe({ timeouts });
    const { signal } = server;
    const error = await failure(wait(server));
    expect(error).toBeInstanceOf(ConnectionTimeoutError);
    expect(error).toMatchObject({ deadline, ms: 10 });
    expect(signal.reason).toMatchObject({ deadline });
  });

  it("write: a peer that takes nothing is cut off", async () => {
    const [client] = pipe({ readAhead: 1, watermarks: { low: 0, high: 10 }, timeouts: { write: 10 } });
    await client.write("x");
    await client.write("y".repeat(10));
    expect(await failure(client.write("z"))).toMatchObject({ deadline: "write" });
  });

  it("a deadline that passes while a peer is active leaves it alone", async () => {
    using _ = virtualTime();
    await run(function* () {
      const [client, server] = pipe({ timeouts: { idle: 40, read: 40 } });
      for (let i = 0; i < 6; i++) {
        yield* sleep(30);
        yield* client.write("x");
        expect(String(yield* server.read())).toBe("x");
      }
      expect(server.closed).toBe(false);
    });
  });

  it("idle: a peer that takes one large write bit by bit is not idle, and is once it stops", async () => {
    using _ = virtualTime();
    await run(function* () {
      const [client, server] = pipe({ chunk: () => 1, readAhead: 1, timeouts: { idle: 100 } });
      yield* client.write("x".repeat(100));
      for (let i = 0; i < 20; i++) {
        yield* sleep(30);
        yield* server.readExactly(1);
      }
      expect([client.closed, client.unsent > 0]).toEqual([false, true]);
      yield* sleep(250);
      expect(client.signal.reason).toMatchObject({ deadline: "idle" });
    });
  });

  it("minReadRate: a sender of a byte now and then is cut off, an idle one is not", async () => {
    const minReadRate = { bytesPerSecond: 1000, grace: 20 };
    const [slow, server] = pipe({ minReadRate });
    const dripping = failure(run(() => writeUntilItFails(slow)));
    expect(await failure(server.readLine())).toBeInstanceOf(SlowPeerError);
    await dripping;
    const [, idle] = pipe({ minReadRate });
    await expect(run(() => timeout(60, idle.readLine()))).rejects.toMatchObject({ code: "ERR_PLAIT_TIMEOUT" });
  });
});

describe("framed", () => {
  it("reads and writes whole frames, one byte at a time", async () => {
    const [client, server] = pipe({ chunk: () => 1 });
    const [requests, replies] = [framed(server, lengthPrefixed()), framed(client, lengthPrefixed())];
    for (const word of ["", "a", "longer"]) await replies.write(word);
    await client.closeWrite();
    const words: string[] = [];
    for await (const frame of requests) words.push(String(frame));
    expect(words).toEqual(["", "a", "longer"]);
  });

  it("closes the connection on a frame past the limit, without keeping its bytes", async () => {
    const [client, server] = pipe();
    const frames = framed(server, lines({ max: 10 }));
    await client.write(`ok\n${"x".repeat(50)}`);
    expect(await frames.read()).toBe("ok");
    const error = await failure(frames.read());
    expect(error).toBeInstanceOf(FrameTooLargeError);
    expect(error).toBeInstanceOf(PeerError);
    expect(server.closed).toBe(true);
    expect(await run(() => readAll(client))).toBe("");
  });

  it("an end in the middle of a frame is an error, an end between frames is not", async () => {
    const [client, server] = pipe();
    const frames = framed(server, lengthPrefixed());
    await client.write(Buffer.from([0, 0, 0, 1, 65, 0, 0]));
    await client.closeWrite();
    expect(String(await frames.read())).toBe("A");
    expect(await failure(frames.read())).toMatchObject({ code: "ERR_PLAIT_UNEXPECTED_END", received: 2 });
  });
});
