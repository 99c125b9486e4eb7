// Serves connections in the thread it is created in: on a process's main thread when there are no serving threads.
import { countTasks } from "@plait/coroutine";
import { type Incoming, openServiceHost, type ServiceHost } from "@plait/net";
import { shutDown, type Unfinished } from "@plait/policy";
import { type Compute, OwnUnit, RemoteUnits, setCompute, setRemoteUnits, type ThreadStopBudget } from "@plait/thread";
import { RestartNeededError, UnknownNameError } from "./errors.ts";
import { type LatencyRecorder, processClock, sampleDelays } from "./latency.ts";
import { type ListenerSetup, listenerOptions, setLimits } from "./listener-setup.ts";
import { reportsOf } from "./report.ts";
import type { ProcessShare } from "./status.ts";
import { nameUnfinished } from "./unfinished.ts";

export interface InlineServerOptions {
  /** Absolute path of the service's module. */
  readonly entry: string;
  readonly unit: string;
  readonly listeners: readonly ListenerSetup[];
  /** Connections served at once. */
  readonly coroutines: number;
  /** Who computes what the service offloads. Of several services in one thread, the last one's computes for all. */
  readonly compute: Compute;
  /** Where it counts how long things take. */
  readonly latencies: LatencyRecorder;
  /** Called when it could take no connection and can take one again. */
  readonly onRoom: () => void;
}

/** Owns the service host until `stop`. */
export class InlineServer {
  readonly threads = 0;
  readonly #unit: string;
  readonly #host: ServiceHost;
  readonly #coroutines: number;
  readonly #onRoom: () => void;
  readonly #latencies: LatencyRecorder;
  readonly #stopSampling: () => void;
  readonly #remote: RemoteUnits;

  private constructor({ unit, coroutines, onRoom, latencies }: InlineServerOptions, host: ServiceHost) {
    this.#latencies = latencies;
    this.#stopSampling = sampleDelays(latencies);
    this.#unit = unit;
    this.#remote = new RemoteUnits(new OwnUnit(unit, host.methods));
    setRemoteUnits(this.#remote);
    this.#host = host;
    this.#coroutines = coroutines;
    this.#onRoom = onRoom;
  }

  static async open(options: InlineServerOptions): Promise<InlineServer> {
    const { entry, unit, listeners, compute } = options;
    setCompute(compute);
    const hosting = { unit, onError: reportsOf(unit), listeners: listenerOptions(listeners) };
    return new InlineServer(options, await openServiceHost(entry, hosting));
  }

  get hasRoom(): boolean {
    return this.#host.connections < this.#coroutines;
  }

  serve(incoming: Incoming, listener: string, acceptedAt: number, onEnd: (outcome: string) => void): void {
    this.#latencies.record("accept", processClock() - acceptedAt);
    this.#host.serve(incoming, listener, (outcome) => {
      onEnd(outcome);
      this.#onRoom();
    });
  }

  call(unit: string, method: string, args: readonly unknown[], timeout: number): Promise<unknown> {
    return this.#remote.call(unit, method, args, { timeout });
  }

  async update(listeners: readonly ListenerSetup[]): Promise<void> {
    setLimits(this.#host, listeners);
  }

  reloadTls(): Promise<void> {
    return this.#host.reloadTls();
  }

  async share(): Promise<Omit<ProcessShare, "full" | "latencies">> {
    return { threads: [], coroutines: countTasks() };
  }

  /** It has no threads. */
  async dump(): Promise<readonly never[]> {
    return [];
  }

  record(thread: string): Promise<void> {
    return Promise.reject(new UnknownNameError("unit", thread, [this.#unit]));
  }

  async observe(): Promise<readonly never[]> {
    return [];
  }

  resize(threads: readonly string[]): Promise<void> {
    return threads.length === 0 ? Promise.resolve() : Promise.reject(noThreads(this.#unit));
  }

  restart(): Promise<never> {
    return Promise.reject(noThreads(this.#unit));
  }

  async stop(budget: ThreadStopBudget, hurry: AbortSignal): Promise<Unfinished | undefined> {
    this.#stopSampling();
    const host = this.#host;
    const over = Promise.withResolvers<void>();
    let unfinished: Unfinished | undefined;
    const steps = {
      drain: async () => {
        host.drain();
        await host.idle();
        await host.stop();
      },
      cancel: () => {
        unfinished = nameUnfinished(host);
        void host.cancel("the service is being stopped");
      },
      // A coroutine that does not end, or a service that does not stop, must not keep the process: it has had its time.
      kill: over.resolve,
      ended: over.promise,
    };
    // Whoever asks decides how much time is left when it is asked again.
    await shutDown(steps, { budget: { ...budget, kill: 0 }, hurry, hurried: Number.POSITIVE_INFINITY });
    // Its pool ends with it: whoever offloads later in this thread gets one of its own.
    setCompute(undefined);
    setRemoteUnits(undefined);
    return unfinished;
  }
}

function noThreads(unit: string): RestartNeededError {
  return new RestartNeededError(`${unit} serves on its main thread, and can't get threads while it runs`);
}
