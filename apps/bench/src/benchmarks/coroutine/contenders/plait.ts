// The scenarios in @plait/coroutine.
import { Channel, type Co, Event, run, sleep, spawn, yieldNow } from "@plait/coroutine";
import { measure } from "../measure.ts";

const DEPTH = 100;

function* giveWay(times: number): Co<void> {
  for (let i = 0; i < times; i++) yield* yieldNow();
}

function* ping(there: Channel<number>, back: Channel<number>, times: number): Co<void> {
  for (let i = 0; i < times; i++) {
    yield* there.send(i);
    yield* back.recv();
  }
}

function* pong(there: Channel<number>, back: Channel<number>, times: number): Co<void> {
  for (let i = 0; i < times; i++) yield* back.send(yield* there.recv());
}

function* identity(n: number): Co<number> {
  return n;
}

function* level(depth: number): Co<void> {
  if (depth > 1) spawn(level, depth - 1);
  yield* sleep(1_000_000);
}

function* waitFor(event: Event): Co<void> {
  yield* event.wait();
}

function* sleepLong(): Co<void> {
  yield* sleep(1_000_000);
}

function* spawnMany(count: number): Co<void> {
  for (let i = 0; i < count; i++) spawn(sleepLong);
}

await measure({
  work: {
    switch: (count) =>
      run(function* () {
        for (let i = 0; i < 2; i++) spawn(giveWay, count / 2);
      }),
    channel: (count) =>
      run(function* () {
        const [there, back] = [new Channel<number>(), new Channel<number>()];
        spawn(pong, there, back, count);
        yield* ping(there, back, count);
      }),
    spawn: (count) =>
      run(function* () {
        for (let i = 0; i < count; i++) yield* spawn(identity, i);
      }),
    batch: (count) =>
      run(function* () {
        for (let i = 0; i < count / 100; i++) {
          const tasks = [];
          for (let n = 0; n < 100; n++) tasks.push(spawn(identity, n));
          for (const task of tasks) yield* task;
        }
      }),
    cancel: (count) =>
      run(function* () {
        for (let i = 0; i < count / DEPTH; i++) {
          const top = spawn(level, DEPTH);
          for (let n = 0; n <= DEPTH; n++) yield* yieldNow();
          yield* top.cancel();
        }
      }),
  },
  park: {
    parked: (count, parked) =>
      run(function* () {
        const event = new Event();
        for (let i = 0; i < count; i++) spawn(waitFor, event);
        yield* sleep(1);
        parked();
        event.set();
      }),
    sleeping: (count, parked) =>
      run(function* () {
        const all = spawn(spawnMany, count);
        yield* sleep(1);
        parked();
        yield* all.cancel();
      }),
  },
});
