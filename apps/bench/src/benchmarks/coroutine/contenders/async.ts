// The scenarios in plain async functions: what a program does without a runtime. It has no tasks to cancel.
import { measure } from "../measure.ts";

/** A rendezvous by hand: a sender waits for a receiver, a receiver for a sender. */
class Rendezvous {
  #receiver: ((value: number) => void) | undefined;
  #sender: { value: number; done: () => void } | undefined;

  send(value: number): Promise<void> {
    const receiver = this.#receiver;
    if (receiver !== undefined) {
      this.#receiver = undefined;
      receiver(value);
      return Promise.resolve();
    }
    return new Promise((done) => {
      this.#sender = { value, done };
    });
  }

  recv(): Promise<number> {
    const sender = this.#sender;
    if (sender !== undefined) {
      this.#sender = undefined;
      sender.done();
      return Promise.resolve(sender.value);
    }
    return new Promise((receiver) => {
      this.#receiver = receiver;
    });
  }
}

async function giveWay(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await null;
}

async function pong(there: Rendezvous, back: Rendezvous, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await back.send(await there.recv());
}

async function identity(n: number): Promise<number> {
  return n;
}

async function waitFor(event: Promise<void>): Promise<void> {
  await event;
}

async function sleepLong(timers: NodeJS.Timeout[]): Promise<void> {
  await new Promise((resolve) => timers.push(setTimeout(resolve, 1_000_000)));
}

await measure({
  work: {
    switch: async (count) => {
      await Promise.all([giveWay(count / 2), giveWay(count / 2)]);
    },
    channel: async (count) => {
      const [there, back] = [new Rendezvous(), new Rendezvous()];
      const other = pong(there, back, count);
      for (let i = 0; i < count; i++) {
        await there.send(i);
        await back.recv();
      }
      await other;
    },
    spawn: async (count) => {
      for (let i = 0; i < count; i++) await identity(i);
    },
    batch: async (count) => {
      for (let i = 0; i < count / 100; i++) {
        const promises = [];
        for (let n = 0; n < 100; n++) promises.push(identity(n));
        for (const promise of promises) await promise;
      }
    },
  },
  park: {
    parked: async (count, parked) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      // Kept, as a program keeps them to know when they have ended.
      const all = Array.from({ length: count }, () => waitFor(promise));
      await null;
      parked();
      resolve();
      await Promise.all(all);
    },
    sleeping: async (count, parked) => {
      const timers: NodeJS.Timeout[] = [];
      const all = Array.from({ length: count }, () => sleepLong(timers));
      await null;
      parked();
      for (const timer of timers) clearTimeout(timer);
      all.length = 0;
    },
  },
});
