// The module that every serving thread executes.
import { LocalRate, openServiceHost, SharedCounter, SharedRate } from "@plait/net";
import { enterThread, type ThreadTasks } from "@plait/thread/inside";
import type { ThreadAcceptors, ThreadAcceptorsOptions } from "./direct/thread-acceptors.ts";
import type { AcceptingPlan } from "./direct/wire.ts";
import { LatencyRecorder, processClock, sampleDelays } from "./latency.ts";
import { type ListenerSetup, type ListenersChange, listenerOptions, setLimits } from "./listener-setup.ts";
import { reportsOf } from "./report.ts";
import { nameUnfinished } from "./unfinished.ts";

/** What a thread is told: plain data, it crosses to another thread. */
export interface ThreadData {
  /** Absolute path of the service's module. */
  readonly entry: string;
  readonly listeners: readonly ListenerSetup[];
  /** Where the threads of a process count connections together, for limits. */
  readonly counters: SharedArrayBuffer;
  /** The part of it that is this incarnation's own. */
  readonly place: number;
  /** Where they keep the accept rates of the listeners together, in their order. */
  readonly rates: SharedArrayBuffer;
  /** Where they count how long things take. */
  readonly latencies: SharedArrayBuffer;
  /** For a thread that accepts connections itself. */
  readonly accepting: AcceptingPlan | undefined;
}

const tasks: ThreadTasks = enterThread(async ({ unit, data, line }) => {
  const { entry, listeners, counters, place, rates, latencies, accepting } = data as ThreadData;
  const counter = new SharedCounter(counters, place);
  const rateOf = (name: string) => {
    const listener = listeners.findIndex((each) => each.name === name);
    return listener < 0 ? new LocalRate() : new SharedRate(rates, listener);
  };
  const options = { rateOf, unit, onError: reportsOf(unit), listeners: listenerOptions(listeners), counter };
  const host = await openServiceHost(entry, options);
  const recorder = new LatencyRecorder(latencies);
  sampleDelays(recorder);
  const acceptors =
    accepting &&
    line &&
    (await openAcceptors({ unit, line, plan: accepting, setups: listeners, host, latencies: recorder }));
  return {
    serve: (socket, listener, acceptedAt, ended) => {
      if (acceptedAt !== undefined) recorder.record("accept", processClock() - acceptedAt);
      host.serve(socket, listener, (outcome) => {
        ended(outcome);
        acceptors?.counted();
      });
      acceptors?.counted();
    },
    idle: () => host.idle(),
    methods: host.methods,
    tell: async (told) => {
      const { setups, threads, certificates = false } = told as ListenersChange;
      setLimits(host, setups ?? []);
      acceptors?.update(setups, threads);
      if (certificates) await host.reloadTls();
    },
    control: {
      drain: () => {
        acceptors?.close();
        host.drain();
      },
      unfinished: () => nameUnfinished(host),
      cancel: (reason) => host.cancel(reason),
      stop: () => host.stop(),
    },
  };
});

/** Loads the way in with the first thread that needs it: the others have connections handed over. */
async function openAcceptors(options: ThreadAcceptorsOptions): Promise<ThreadAcceptors> {
  const { ThreadAcceptors } = await import("./direct/thread-acceptors.ts");
  return new ThreadAcceptors(options);
}

export const start: ThreadTasks["start"] = tasks.start;
