// Channels between threads: what they share with every channel, and what happens when a thread ends.
import { once } from "node:events";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { Channel, ChannelClosed, run, select, sleep, spawn } from "@plait/coroutine";
import { expect, onTestFinished, test } from "vitest";
import {
  type BytesEnd,
  bytesEnds,
  type ChannelEnd,
  channelEnds,
  openBytesReceiver,
  openBytesSender,
  openReceiver,
  openSender,
} from "../../src/channel/index.ts";

/** A thread that does what `work` says with the end it is given. */
function threadWith(work: "echo" | "sum" | "first two", ends: Record<string, ChannelEnd | BytesEnd>): Worker {
  const transferList: MessagePort[] = Object.values(ends).map(({ port }) => port);
  const worker = new Worker(new URL("../fixtures/channel-thread.ts", import.meta.url), {
    workerData: { work, ...ends },
    transferList,
  });
  onTestFinished(async () => void (await worker.terminate()));
  return worker;
}

function pair<T>(capacity: number) {
  const { sender, receiver } = channelEnds({ capacity, name: "jobs" });
  const ends = { sender: openSender<T>(sender), receiver: openReceiver<T>(receiver) };
  onTestFinished(() => {
    ends.receiver.close();
    ends.sender.close();
  });
  return ends;
}

test("values arrive in order, in another thread and back", async () => {
  const there = channelEnds({ capacity: 4 });
  const back = channelEnds({ capacity: 4 });
  threadWith("echo", { input: there.receiver, output: back.sender });
  const sender = openSender<{ n: number }>(there.sender);
  const receiver = openReceiver<{ n: number }>(back.receiver);
  const received: number[] = [];
  await run(function* () {
    spawn(function* () {
      for (let n = 0; n < 500; n++) yield* sender.send({ n });
      sender.close();
    });
    for (let next = yield* receiver.next(); !next.done; next = yield* receiver.next()) received.push(next.value.n);
  });
  expect(received).toEqual(Array.from({ length: 500 }, (_, n) => n));
  expect(receiver.closed).toBe(true);
});

test("a sender is at most the capacity ahead of its receiver, then waits", async () => {
  const { sender, receiver } = pair<number>(3);
  let sent = 0;
  await run(function* () {
    const sending = spawn(function* () {
      for (let n = 0; n < 10; n++, sent++) yield* sender.send(n);
    });
    for (let taken = 0; taken < 10; taken++) {
      expect(yield* receiver.recv()).toBe(taken);
      expect(sent).toBeLessThanOrEqual(taken + 1 + 3);
    }
    yield* sending.join();
  });
  expect(sent).toBe(10);
});

test("trySend says whether there was room", () => {
  const { sender } = pair<number>(2);
  expect([sender.trySend(1), sender.trySend(2), sender.trySend(3)]).toEqual([true, true, false]);
});

test("is selected on together with channels of this thread, and a branch that loses takes nothing", async () => {
  const { sender, receiver } = pair<string>(1);
  const local = new Channel<string>();
  await run(function* () {
    const first = yield* select({ far: receiver.recv(), near: sleep(1) });
    expect(first.key).toBe("near");
    spawn(() => local.send("near"));
    expect(yield* select({ near: local.recv(), far: receiver.recv() })).toMatchObject({ value: "near" });
    yield* sender.send("far");
    expect(yield* select({ far: receiver.recv(), near: local.recv() })).toMatchObject({ value: "far" });
  });
});

test("a send that is cancelled while it waits has sent nothing", async () => {
  const { sender, receiver } = pair<string>(1);
  await run(function* () {
    yield* sender.send("kept");
    const waiting = spawn(() => sender.send("withdrawn"));
    yield* sleep(0);
    waiting.cancel();
    yield* waiting.settled();
    const last = spawn(() => sender.send("last"));
    expect(yield* receiver.recv()).toBe("kept");
    expect(yield* receiver.recv()).toBe("last");
    yield* last.join();
  });
});

test("what was sent before the close is received, then iteration ends and recv throws", async () => {
  const { sender, receiver } = pair<number>(4);
  for (let n = 0; n < 3; n++) sender.trySend(n);
  sender.close();
  expect(sender.trySend(3)).toBe(false);
  await expect(Promise.resolve(sender.send(3))).rejects.toBeInstanceOf(ChannelClosed);
  const received: number[] = [];
  for await (const n of receiver) received.push(n);
  expect(received).toEqual([0, 1, 2]);
  await expect(Promise.resolve(receiver.recv())).rejects.toBeInstanceOf(ChannelClosed);
});

test("an error that the sender closes with reaches the receiver with its code and cause", async () => {
  const { sender, receiver } = pair<number>(4);
  sender.trySend(1);
  sender.close(Object.assign(new RangeError("no more", { cause: new Error("empty") }), { code: "ERR_EMPTY" }));
  expect(await receiver.recv()).toBe(1);
  await expect(Promise.resolve(receiver.recv())).rejects.toMatchObject({
    name: "RangeError",
    code: "ERR_EMPTY",
    cause: { message: "empty" },
  });
});

test("a receiver that closes fails the senders that wait", async () => {
  const { sender, receiver } = pair<number>(1);
  sender.trySend(1);
  const waiting = Promise.resolve(sender.send(2));
  receiver.close();
  await expect(waiting).rejects.toBeInstanceOf(ChannelClosed);
  expect(sender.closed).toBe(true);
});

test("a value that can't be cloned fails its own send, and the channel goes on", async () => {
  const { sender, receiver } = pair<unknown>(1);
  await expect(Promise.resolve(sender.send(() => {}))).rejects.toMatchObject({ code: "ERR_PLAIT_CHANNEL_CLONE" });
  sender.trySend(1);
  const waiting = expect(Promise.resolve(sender.send({ no: () => {} }))).rejects.toMatchObject({
    code: "ERR_PLAIT_CHANNEL_CLONE",
  });
  const after = Promise.resolve(sender.send(2));
  expect([await receiver.recv(), await receiver.recv()]).toEqual([1, 2]);
  await waiting;
  await after;
});

test("what the sender names is moved instead of copied", async () => {
  const { sender, receiver } = channelEnds();
  const bytes = new Uint8Array(1024).fill(7);
  const from = openSender<Uint8Array<ArrayBuffer>>(sender, { transfer: ({ buffer }) => [buffer] });
  const to = openReceiver<Uint8Array>(receiver);
  await from.send(bytes);
  expect(bytes.byteLength).toBe(0);
  expect(await to.recv()).toEqual(new Uint8Array(1024).fill(7));
  to.close();
});

test("a receiver gets what a thread sent before it was ended, then an error that says so", async () => {
  const { sender, receiver } = channelEnds({ capacity: 8, name: "numbers" });
  const worker = threadWith("first two", { output: sender });
  const numbers = openReceiver<number>(receiver);
  await once(worker, "message");
  await worker.terminate();
  expect([await numbers.recv(), await numbers.recv()]).toEqual([0, 1]);
  await expect(Promise.resolve(numbers.recv())).rejects.toMatchObject({
    code: "ERR_PLAIT_CHANNEL_BROKEN",
    message: expect.stringContaining('"numbers"'),
  });
});

test("a sender whose receiver's thread was ended fails instead of waiting for ever", async () => {
  const { sender, receiver } = channelEnds({ capacity: 1 });
  const back = channelEnds();
  const worker = threadWith("first two", { output: back.sender, input: receiver });
  const jobs = openSender<number>(sender);
  await once(worker, "message");
  jobs.trySend(1);
  const waiting = expect(Promise.resolve(jobs.send(2))).rejects.toBeInstanceOf(ChannelClosed);
  await worker.terminate();
  await waiting;
});

test("bytes pass through shared memory to another thread, every one once, with a ring much smaller than they are", async () => {
  const there = bytesEnds({ bytes: 4096 });
  const back = channelEnds();
  threadWith("sum", { input: there.receiver, output: back.sender });
  const sender = openBytesSender(there.sender);
  const receiver = openReceiver<{ bytes: number; sum: number }>(back.receiver);
  let sum = 0;
  let bytes = 0;
  await run(function* () {
    for (let i = 0; i < 2000; i++) {
      const chunk = new Uint8Array((i * 37) % 1500).fill(i);
      bytes += chunk.length;
      for (const byte of chunk) sum += byte;
      yield* sender.send(chunk);
    }
    sender.close();
    expect(yield* receiver.recv()).toEqual({ bytes, sum });
  });
  receiver.close();
});

test("bytes arrive in the pieces they were sent in, and a piece that can never fit is refused", async () => {
  const { sender, receiver } = bytesEnds({ bytes: 64, name: "log" });
  const from = openBytesSender(sender);
  const to = openBytesReceiver(receiver);
  await expect(Promise.resolve(from.send(new Uint8Array(61)))).rejects.toThrow(/61 bytes .* channel log, .* 60/);
  await run(function* () {
    spawn(function* () {
      for (const text of ["one", "", "three"]) yield* from.send(new TextEncoder().encode(text));
      from.close();
    });
    const texts: string[] = [];
    for (let next = yield* to.next(); !next.done; next = yield* to.next()) texts.push(String(Buffer.from(next.value)));
    expect(texts).toEqual(["one", "", "three"]);
  });
});

const ends = () => ({
  values: channelEnds({ name: "jobs", capacity: 1 }),
  bytes: bytesEnds({ name: "log", bytes: 8 }),
});

test("each end is opened by its own function, and anything else is refused", () => {
  const { values, bytes } = ends();
  for (const end of [values.sender, bytes.receiver, bytes.sender, undefined, {}, { port: 1 }]) {
    expect(() => openReceiver(end as ChannelEnd)).toThrow(/^openReceiver opens the receiver of channelEnds\(\)/);
  }
  for (const end of [values.receiver, bytes.receiver, bytes.sender]) {
    expect(() => openSender(end as ChannelEnd)).toThrow(expect.objectContaining({ code: "ERR_PLAIT_CHANNEL_END" }));
  }
  for (const end of [bytes.sender, values.receiver])
    expect(() => openBytesReceiver(end as BytesEnd)).toThrow(/bytesEnds/);
  for (const end of [bytes.receiver, values.sender])
    expect(() => openBytesSender(end as BytesEnd)).toThrow(/bytesEnds/);
});

test("an end is opened once, and can't be moved from then on", async () => {
  const { values, bytes } = ends();
  const { port1 } = new MessageChannel();
  const sender = openSender<number>(values.sender);
  const receiver = openReceiver<number>(values.receiver);
  expect(() => openSender(values.sender)).toThrow(/^the sender of channel "jobs" is open already/);
  expect(() => openReceiver(values.receiver)).toThrow(expect.objectContaining({ code: "ERR_PLAIT_CHANNEL_END" }));
  openBytesReceiver(bytes.receiver).close();
  expect(() => openBytesReceiver(bytes.receiver)).toThrow(/open already/);
  expect(() => port1.postMessage(values.receiver, [values.receiver.port])).toThrow(/transfer/);
  port1.close();
  await sender.send(1);
  expect(await receiver.recv()).toBe(1);
  sender.close();
});

test.each(["moved", "moved just", "cut off"])(
  "an end that was %s before it was opened fails instead of waiting for ever",
  async (how) => {
    const { values, bytes } = ends();
    const there = new MessageChannel();
    for (const pair of [values, bytes]) {
      const closed = Promise.all([once(pair.receiver.port, "close"), once(pair.sender.port, "close")]);
      if (how === "cut off") pair.receiver.port.close();
      else there.port1.postMessage(pair, [pair.receiver.port, pair.sender.port]);
      if (how !== "moved just") await closed;
    }
    const says = expect.stringContaining("moved to another thread before it was opened");
    const broken = { code: "ERR_PLAIT_CHANNEL_BROKEN", message: says };
    const received = [openReceiver(values.receiver).recv(), openBytesReceiver(bytes.receiver).next()];
    for (const each of received) await expect(Promise.resolve<unknown>(each)).rejects.toMatchObject(broken);
    const closed = { code: "ERR_PLAIT_CHANNEL_CLOSED", message: says };
    const senders = [openSender(values.sender), openBytesSender(bytes.sender)];
    for (const sender of senders) {
      const sent = async () => {
        for (;;) await sender.send(new Uint8Array(1));
      };
      await expect(sent()).rejects.toMatchObject(closed);
    }
    there.port1.close();
  },
);

test("a sender of bytes refuses what is none", async () => {
  const sender = openBytesSender(bytesEnds().sender);
  for (const value of ["text", 5, new ArrayBuffer(4)]) {
    await expect(Promise.resolve(sender.send(value as unknown as Uint8Array))).rejects.toMatchObject({
      code: "ERR_PLAIT_INVALID_ARGUMENT",
    });
  }
  sender.close();
});

test("a channel of which both ends are closed keeps nothing alive", async () => {
  const worker = new Worker(new URL("../fixtures/channel-thread.ts", import.meta.url), {
    workerData: { work: "nothing" },
  });
  const [code] = await once(worker, "exit");
  expect(code).toBe(0);
});

test("a channel between threads holds at least one value", () => {
  for (const capacity of [0, -1, 1.5, Number.NaN]) {
    expect(() => channelEnds({ capacity })).toThrow(expect.objectContaining({ code: "ERR_PLAIT_INVALID_ARGUMENT" }));
  }
});
