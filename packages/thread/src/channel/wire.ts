// What the two ends of a channel between threads tell each other, and what an end is while it travels.
import type { MessagePort } from "node:worker_threads";
import type { ThrownData } from "../thrown.ts";

/** Sender to receiver. Bytes do not pass here: they are in the ring, and `written` says that there are some. */
export type ToReceiver =
  | { readonly type: "value"; readonly value: unknown }
  | { readonly type: "written" }
  | { readonly type: "close"; readonly thrown?: ThrownData };

/** Receiver to sender: so many values were taken, bytes were read from a ring that was full, nothing more is wanted. */
export type ToSender =
  | { readonly type: "taken"; readonly count: number }
  | { readonly type: "room" }
  | { readonly type: "close" };

/** Which of the two ends. */
export type Side = "sender" | "receiver";

/** One end of a channel of values. Post it to the thread that is to have it, with `port` in the transfer list. */
export interface ChannelEnd {
  readonly side: Side;
  readonly port: MessagePort;
  /** Values that are under way or wait to be received, at the most. */
  readonly capacity: number;
  readonly name: string | undefined;
}

/** One end of a channel of bytes. Post it to the thread that is to have it, with `port` in the transfer list. */
export interface BytesEnd {
  readonly side: Side;
  readonly port: MessagePort;
  readonly memory: SharedArrayBuffer;
  readonly name: string | undefined;
}
