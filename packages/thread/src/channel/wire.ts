// What the two ends of a channel between threads tell each other, and what an end is while it travels.
import { MessagePort } from "node:worker_threads";
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

/** One end of a channel of values. Post it to the thread that is to have it, with `port` in the transfer list. */
export interface ChannelEnd {
  readonly port: MessagePort;
  /** Values that are under way or wait to be received, at the most. */
  readonly capacity: number;
  readonly name: string | undefined;
}

/** One end of a channel of bytes. Post it to the thread that is to have it, with `port` in the transfer list. */
export interface BytesEnd {
  readonly port: MessagePort;
  readonly memory: SharedArrayBuffer;
  readonly name: string | undefined;
}

/** The ports of those values that are ends: they are moved with them. */
export function portsOf(values: readonly unknown[]): MessagePort[] {
  return values.flatMap((value) => (isEnd(value) ? [value.port] : []));
}

/** Closes those values that are ends; one that was moved is somebody else's. */
export function closeEnds(values: readonly unknown[]): void {
  for (const port of portsOf(values)) port.close();
}

function isEnd(value: unknown): value is ChannelEnd | BytesEnd {
  return typeof value === "object" && value !== null && "port" in value && value.port instanceof MessagePort;
}
