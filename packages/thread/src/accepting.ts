// What a serving thread needs from its process to accept connections by itself.
import type { MessagePort } from "node:worker_threads";
import type { ThreadStats } from "./connections/connection-lane.ts";

/** Made for each incarnation of a thread that accepts connections itself. */
export interface ThreadAccepting {
  /** Moved to the thread, whose body gets it: the way to its listening sockets. */
  readonly line: MessagePort;
  /** What it has accepted. Counted where the death of the thread takes nothing of it away. */
  stats(): ThreadStats;
}
