// From a thread's crash to giving up: what restarts threads, processes and the service, in virtual time.
import { defaultRestart, type Exit, type RestartLimits, SlotGroup, type Unit, worstCase } from "@plait/policy";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ServiceRestarts } from "../src/service-restarts.ts";

type Limits = { readonly [tier in "thread" | "process" | "service"]: RestartLimits };

function intensities(thread: number, process: number, service: number): Limits {
  const backoff = { initial: 1, factor: 1, cap: 1, resetAfter: 60_000 };
  return {
    thread: { ...defaultRestart.thread, intensity: thread, backoff },
    process: { ...defaultRestart.process, intensity: process, backoff },
    service: { ...defaultRestart.service, intensity: service, backoff },
  };
}

const CRASH: Exit = { cause: "crashed", text: "boom" };

/** Never becomes ready, and ends when it is told to. */
class FakeUnit implements Unit {
  readonly #exited = Promise.withResolvers<Exit>();
  readonly ready = new Promise<void>(() => {});
  readonly exited = this.#exited.promise;
  alive = true;

  end(exit: Exit): void {
    this.alive = false;
    this.#exited.resolve(exit);
  }
  kill(): void {
    this.end({ cause: "planned", text: "killed" });
  }
}

/** Ends when its threads have given up, as a process does. */
class FakeProcess extends FakeUnit {
  readonly #threads: SlotGroup<FakeUnit>;

  constructor(threads: number, limits: RestartLimits, onRestart: () => void, onStart: (thread: FakeUnit) => void) {
    super();
    this.#threads = new SlotGroup<FakeUnit>({
      units: Array.from({ length: threads }, (_, n) => `t${n}`),
      limits,
      start: () => {
        const thread = new FakeUnit();
        onStart(thread);
        return thread;
      },
      onEvent: (event) => {
        if (event.type === "backoff") onRestart();
        if (event.type === "gave-up") this.end({ cause: "escalated", text: event.reason });
      },
    });
    void this.#threads.start();
  }

  override end(exit: Exit): void {
    super.end(exit);
    void this.#threads.kill();
  }
}

/**
 * Runs one service whose units never become healthy. `pick` says which of them crashes next. Returns how often each tier
 * was restarted, lowest first, and how it ended.
 */
async function crashLoop(
  processes: number,
  threads: number,
  limits: Limits,
  pick: (units: readonly FakeUnit[]) => FakeUnit | undefined,
) {
  const alive = new Set<FakeUnit>();
  const restarts = { thread: 0, process: 0, service: 0 };
  let gaveUp: string | undefined;
  const group = new SlotGroup<FakeProcess>({
    units: Array.from({ length: processes }, (_, n) => `p${n}`),
    limits: limits.process,
    start: () => {
      const process = new FakeProcess(
        threads,
        limits.thread,
        () => restarts.thread++,
        (thread) => alive.add(thread),
      );
      alive.add(process);
      return process;
    },
    onEvent: (event) => {
      if (event.type === "backoff") restarts.process++;
      if (event.type === "gave-up") service.failed(event.reason);
    },
  });
  const service = new ServiceRestarts({
    name: "echo",
    limits: limits.service,
    restart: () => void group.revive(),
    onBackoff: () => restarts.service++,
    onGaveUp: (reason) => {
      gaveUp = reason;
    },
  });
  void group.start();
  while (gaveUp === undefined) {
    await vi.advanceTimersByTimeAsync(5);
    const units = [...alive].filter((unit) => unit.alive);
    alive.clear();
    for (const unit of units) alive.add(unit);
    pick(units)?.end(CRASH);
  }
  await vi.advanceTimersByTimeAsync(5);
  return { restarts: [restarts.thread, restarts.process, restarts.service], gaveUp };
}

const threadOf = (units: readonly FakeUnit[]) => units.find((unit) => !(unit instanceof FakeProcess));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a thread that always crashes costs its process, then the service, then the supervisor gives up", async () => {
  const { restarts, gaveUp } = await crashLoop(1, 1, intensities(2, 2, 1), threadOf);
  expect(restarts).toEqual(worstCase({ processes: 1, threads: 1 }, intensities(2, 2, 1)).map((step) => step.restarts));
  expect(gaveUp).toContain("escalated: restarted 2 times without 60 s of health");
});

test("whichever units crash, in whatever order, no tier is restarted more often than the worst case says", async () => {
  const size = fc.integer({ min: 1, max: 2 });
  const intensity = fc.integer({ min: 0, max: 2 });
  await fc.assert(
    fc.asyncProperty(
      size,
      size,
      fc.tuple(intensity, intensity, intensity),
      fc.infiniteStream(fc.nat()),
      async (p, t, allowed, picks) => {
        const limits = intensities(...allowed);
        const { restarts } = await crashLoop(p, t, limits, (units) => units[(picks.next().value ?? 0) % units.length]);
        const most = worstCase({ processes: p, threads: t }, limits).map((step) => step.restarts);
        for (const [tier, count] of restarts.entries()) expect(count).toBeLessThanOrEqual(most[tier] ?? 0);
      },
    ),
    { numRuns: 40 },
  );
});
