// Makes the two ends of a channel between threads.
import { MessageChannel } from "node:worker_threads";
import { InvalidArgumentError } from "@plait/coroutine";
import { ByteRing } from "./byte-ring.ts";
import type { BytesEnd, ChannelEnd } from "./wire.ts";

export interface ChannelEndsOptions {
  /** Values that are under way or wait to be received, at the most: 1 or more. Default: 16. */
  readonly capacity?: number;
  /** Shown by `dump()` and in errors. Default: none. */
  readonly name?: string;
}

export interface BytesEndsOptions {
  /** Room for bytes that wait to be received, rounded up to a power of two. Default: 65,536. */
  readonly bytes?: number;
  readonly name?: string;
}

/**
 * Makes a channel whose ends may be in different threads of a process. Values are structured clones, or moved where
 * `openSender` says so.
 *
 * Each end is plain data: keep it or post it, then open it with `openSender` or `openReceiver`, once. One that is open can't be
 * posted any more.
 *
 * @throws {InvalidArgumentError} for a capacity below 1: between threads somebody has to hold a value that was sent
 * @example
 * const { sender, receiver } = channelEnds({ capacity: 16, name: "jobs" });
 * worker.postMessage({ jobs: receiver }, [receiver.port]);
 * const jobs = openSender<Job>(sender);
 * yield* jobs.send({ path });
 */
export function channelEnds({ capacity = 16, name }: ChannelEndsOptions = {}): {
  readonly sender: ChannelEnd;
  readonly receiver: ChannelEnd;
} {
  if (!(Number.isSafeInteger(capacity) && capacity >= 1)) {
    throw new InvalidArgumentError(
      `A channel between threads can't hold ${capacity} values. Give it a whole number of 1 or more.`,
    );
  }
  const { port1, port2 } = new MessageChannel();
  return {
    sender: { side: "sender", port: port1, capacity, name },
    receiver: { side: "receiver", port: port2, capacity, name },
  };
}

/**
 * Makes a channel of bytes whose ends may be in different threads of a process. The bytes pass through shared memory;
 * the event loops are only woken when one end was waiting for the other.
 *
 * @throws {InvalidArgumentError} for a size that is no whole number, below 1 or above 1 GiB
 * @example
 * const { sender, receiver } = bytesEnds({ bytes: 1 << 20 });
 * worker.postMessage({ input: receiver }, [receiver.port]);
 * const input = openBytesSender(sender);
 * yield* input.send(chunk);
 */
export function bytesEnds({ bytes = 65_536, name }: BytesEndsOptions = {}): {
  readonly sender: BytesEnd;
  readonly receiver: BytesEnd;
} {
  const memory = ByteRing.memory(bytes);
  const { port1, port2 } = new MessageChannel();
  return {
    sender: { side: "sender", port: port1, memory, name },
    receiver: { side: "receiver", port: port2, memory, name },
  };
}
