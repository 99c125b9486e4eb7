// Random tasks that send, receive, lock, select, spawn, join, cancel and fail, in random orders: what they did is
// written down, and the books must balance.
import {
  all,
  Cancelled,
  Channel,
  ChannelClosed,
  type Co,
  instrument,
  type Op,
  Semaphore,
  select,
  sleep,
  spawnWith,
  suppressed,
  type Task,
  TaskCancelledError,
  TimeoutError,
  timeout,
  yieldNow,
} from "@plait/coroutine";
import { simulate } from "@plait/coroutine/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

type Action =
  | { kind: "yield" | "fail" | "swallow" }
  | { kind: "sleep" | "cancel" | "join"; n: number }
  | { kind: "send" | "recv"; channel: number; within: number | undefined }
  | { kind: "select"; send: number; recv: number }
  | { kind: "all"; recv: number; ms: number }
  | { kind: "hold"; within: number | undefined; body: Action[] }
  | { kind: "spawn"; async: boolean; body: Action[] };

const CHANNELS = 3;
const PERMITS = 2;
const channel = fc.integer({ min: 0, max: CHANNELS - 1 });
const within = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined });

const { actions } = fc.letrec<{ actions: Action[]; action: Action }>((tie) => ({
  actions: fc.array(tie("action"), { maxLength: 6 }),
  action: fc.oneof(
    { maxDepth: 4, depthIdentifier: "action" },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("yield" as const) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("sleep" as const), n: fc.integer({ min: 0, max: 4 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("fail" as const, "swallow" as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("cancel" as const, "join" as const), n: fc.nat(30) }) },
    { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom("send" as const, "recv" as const), channel, within }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("select" as const), send: channel, recv: channel }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("all" as const), recv: channel, ms: fc.nat(4) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("hold" as const), within, body: tie("actions") }) },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant("spawn" as const), async: fc.boolean(), body: tie("actions") }),
    },
  ),
}));

class Books {
  readonly channels = [new Channel<number>(0), new Channel<number>(1), new Channel<number>(3)];
  readonly permits = new Semaphore(PERMITS);
  readonly tasks: Task[] = [];
  readonly sent = new Set<number>();
  readonly received: number[] = [];
  readonly thrown = new Set<Error>();
  readonly caught = new Set<unknown>();
  readonly ends = new Map<number, number>();
  readonly children = new Map<string, Task[]>();
  readonly outlived: string[] = [];
  entered = 0;
  left = 0;
  held = 0;
  mostHeld = 0;
  #next = 0;

  next(): number {
    return this.#next++;
  }
}

/** Errors that say that something was taken back; the program's own are plain. */
function isExpected(error: unknown): boolean {
  return (
    error instanceof Cancelled ||
    error instanceof TaskCancelledError ||
    error instanceof TimeoutError ||
    error instanceof ChannelClosed
  );
}

function bounded<T>(op: Op<T>, ms: number | undefined): Op<T> {
  return ms === undefined ? op : timeout(ms, op);
}

function* perform(books: Books, name: string, body: Action[]): Co<void> {
  books.entered++;
  try {
    for (const action of body) yield* act(books, name, action);
  } finally {
    books.left++;
  }
}

function* act(books: Books, name: string, action: Action): Co<void> {
  switch (action.kind) {
    case "yield":
      return yield* yieldNow();
    case "sleep":
      return yield* sleep(action.n);
    case "fail": {
      const error = new Error(`thrown by ${name}`);
      books.thrown.add(error);
      throw error;
    }
    case "swallow":
      try {
        yield* sleep(1);
      } catch {}
      return;
    case "cancel":
      books.tasks[action.n]?.cancel();
      return;
    case "join": {
      const target = books.tasks[action.n];
      // A joiner waits for ever for itself or what it is part of; the runtime reports it, this test avoids it.
      if (target === undefined || name.startsWith(target.name) || target.state !== "done") return;
      try {
        yield* target;
      } catch (error) {
        books.caught.add(error);
        if (!isExpected(error) && !books.thrown.has(error as Error)) throw error;
      }
      return;
    }
    case "send": {
      const value = books.next();
      try {
        yield* bounded((books.channels[action.channel] as Channel<number>).send(value), action.within ?? 3);
        books.sent.add(value);
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
      }
      return;
    }
    case "recv":
      try {
        books.received.push(
          yield* bounded((books.channels[action.channel] as Channel<number>).recv(), action.within ?? 3),
        );
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
      }
      return;
    case "select": {
      const value = books.next();
      const won = yield* select({
        send: (books.channels[action.send] as Channel<number>).send(value),
        recv: (books.channels[action.recv] as Channel<number>).recv(),
        late: sleep(2),
      });
      if (won.key === "send") books.sent.add(value);
      if (won.key === "recv") books.received.push(won.value);
      return;
    }
    case "all":
      try {
        const [value] = yield* timeout(
          3,
          all([(books.channels[action.recv] as Channel<number>).recv(), sleep(action.ms)]),
        );
        books.received.push(value);
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
      }
      return;
    case "hold":
      try {
        using _permit = yield* bounded(books.permits.acquire(), action.within ?? 3);
        books.mostHeld = Math.max(books.mostHeld, ++books.held);
        try {
          yield* perform(books, name, action.body);
        } finally {
          books.held--;
        }
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
      }
      return;
    case "spawn": {
      const child = `${name}.${books.next()}`;
      const task = action.async
        ? spawnWith({ name: child }, async () => {
            await sleep(0);
            await spawnWith({ name: `${child}.0` }, perform, books, `${child}.0`, action.body);
          })
        : spawnWith({ name: child }, perform, books, child, action.body);
      books.tasks.push(task);
      books.children.set(name, [...(books.children.get(name) ?? []), task]);
    }
  }
}

/** Everything an error brings with it. */
function withCompany(error: unknown, seen = new Set<unknown>()): Set<unknown> {
  if (error === undefined || seen.has(error)) return seen;
  seen.add(error);
  for (const other of suppressed(error)) withCompany(other, seen);
  return seen;
}

describe("random tasks", () => {
  it("keep the books balanced in every order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(actions, { maxLength: 6 }),
        fc.integer({ min: 1, max: 2 ** 30 }),
        async (bodies, seed) => {
          const books = new Books();
          let final: unknown;
          using _ = instrument({
            done(task) {
              books.ends.set(task.id, (books.ends.get(task.id) ?? 0) + 1);
              for (const child of books.children.get(task.name) ?? []) {
                if (child.state !== "done") books.outlived.push(`${child.name} outlived ${task.name}`);
              }
            },
          });
          await simulate(
            function* () {
              const main = spawnWith({ name: "main" }, function* () {
                for (const [index, body] of bodies.entries()) {
                  const name = `main.t${index}`;
                  const task = spawnWith({ name }, perform, books, name, body);
                  books.tasks.push(task);
                  books.children.set("main", [...(books.children.get("main") ?? []), task]);
                }
              });
              const outcome = yield* main.settled();
              if (outcome.status === "rejected") final = outcome.reason;
            },
            { seed },
          );

          // Every task ended exactly once, and none outlived the task that owned it.
          for (const task of books.tasks) expect([task.state, books.ends.get(task.id)]).toEqual(["done", 1]);
          expect(books.outlived).toEqual([]);
          // Every body that was entered was left: cleanup ran.
          expect(books.left).toBe(books.entered);
          // Nothing sent was lost, nothing was received twice or out of nowhere.
          const left = books.channels.flatMap((channel) => {
            const values: number[] = [];
            for (let got = channel.tryRecv(); got.ok; got = channel.tryRecv()) values.push(got.value);
            return values;
          });
          const arrived = [...books.received, ...left].sort((a, b) => a - b);
          expect(arrived).toEqual([...books.sent].sort((a, b) => a - b));
          // Permits were conserved.
          expect(books.permits.available).toBe(PERMITS);
          expect(books.mostHeld).toBeLessThanOrEqual(PERMITS);
          // No error vanished: it was caught by a joiner, or came out at the top, or along with the one that did.
          const known = withCompany(final);
          for (const error of books.caught) withCompany(error, known);
          for (const error of books.thrown) expect(known.has(error), error.message).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe("a channel", () => {
  it("behaves like an array with a limit", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("send" as const), value: fc.integer() }),
      fc.record({ kind: fc.constant("recv" as const) }),
      fc.record({ kind: fc.constant("close" as const) }),
    );
    const overflow = fc.constantFrom("wait" as const, "drop-oldest" as const, "drop-newest" as const);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), overflow, fc.array(step), (capacity, overflow, steps) => {
        const dropped: number[] = [];
        const channel = new Channel<number>(capacity, { overflow, undelivered: (value) => dropped.push(value) });
        const model: number[] = [];
        const modelDropped: number[] = [];
        let closed = false;
        for (const step of steps) {
          if (step.kind === "close") {
            channel.close();
            closed = true;
          } else if (step.kind === "recv") {
            const got = channel.tryRecv();
            expect(got).toEqual(model.length === 0 ? { ok: false } : { ok: true, value: model.shift() });
          } else {
            const full = model.length === capacity;
            expect(channel.trySend(step.value)).toBe(!closed && (!full || overflow !== "wait"));
            if (closed || (full && overflow === "wait")) continue;
            if (full) modelDropped.push(overflow === "drop-oldest" ? (model.shift() as number) : step.value);
            if (!full || overflow === "drop-oldest") model.push(step.value);
          }
          expect(channel.size).toBe(model.length);
        }
        expect(dropped).toEqual(modelDropped);
      }),
    );
  });
});
