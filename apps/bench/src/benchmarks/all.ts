// All benchmarks, in the order in which they run.
import type { Benchmark } from "../harness/benchmark.ts";
import { arrivals } from "./arrivals.ts";
import { clients } from "./clients.ts";
import { coroutine } from "./coroutine/coroutine.ts";
import { http } from "./http.ts";
import { lifecycle } from "./lifecycle/lifecycle.ts";
import { net } from "./net/net.ts";
import { sleeps } from "./sleeps/sleeps.ts";
import { sockets } from "./sockets/sockets.ts";
import { switching } from "./switching/switching.ts";
import { thread } from "./thread/thread.ts";
import { units } from "./units.ts";

export const benchmarks: readonly Benchmark[] = [
  switching,
  sleeps,
  clients,
  coroutine,
  net,
  arrivals,
  thread,
  http,
  lifecycle,
  sockets,
  units,
];
