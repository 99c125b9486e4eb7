// An end is opened once, in one thread, by the function that it is for.
import { isMarkedAsUntransferable, MessagePort, markAsUntransferable } from "node:worker_threads";
import { ChannelEndError } from "./errors.ts";
import type { BytesEnd, ChannelEnd } from "./wire.ts";

/** What opens which end of what. */
const openers = {
  openSender: { side: "sender", maker: "channelEnds" },
  openReceiver: { side: "receiver", maker: "channelEnds" },
  openBytesSender: { side: "sender", maker: "bytesEnds" },
  openBytesReceiver: { side: "receiver", maker: "bytesEnds" },
} as const;

const given = new WeakSet<MessagePort>();

/**
 * Takes an end for whoever opens it. From now on it can't be moved.
 *
 * @throws {ChannelEndError} when it is not the end that `opener` opens, or was opened or given away before
 */
export function claim<E extends ChannelEnd | BytesEnd>(opener: keyof typeof openers, end: E): E {
  const { side, maker } = openers[opener];
  const isBytes = maker === "bytesEnds";
  if (!isEnd(end) || end.side !== side || "memory" in end !== isBytes) {
    throw new ChannelEndError(`${opener} opens the ${side} of ${maker}(), and was given something else`);
  }
  checkHere(end);
  markAsUntransferable(end.port);
  return end;
}

/**
 * The ports of those values that are ends, which are to be moved with them: they are somebody else's from now on.
 *
 * @throws {ChannelEndError} when one was opened or given away before
 */
export function giveEnds(values: readonly unknown[]): MessagePort[] {
  const ends = values.filter(isEnd);
  for (const end of ends) checkHere(end);
  for (const { port } of ends) given.add(port);
  return ends.map(({ port }) => port);
}

/** Closes those values that are ends; one that was moved is somebody else's, and one that is open its opener's. */
export function closeEnds(values: readonly unknown[]): void {
  for (const { port } of values.filter(isEnd)) if (!isOpen(port)) port.close();
}

function checkHere({ port, side, name }: ChannelEnd | BytesEnd): void {
  const which = `the ${side} of ${name === undefined ? "a channel" : `channel "${name}"`}`;
  if (isOpen(port)) {
    throw new ChannelEndError(
      `${which} is open already: open it once, and in the thread that it was moved to if another is to have it`,
    );
  }
  if (given.has(port)) {
    throw new ChannelEndError(
      `${which} was given to another thread: open it there, or make ends of its own for this one`,
    );
  }
}

function isOpen(port: MessagePort): boolean {
  return isMarkedAsUntransferable(port);
}

function isEnd(value: unknown): value is ChannelEnd | BytesEnd {
  return typeof value === "object" && value !== null && "port" in value && value.port instanceof MessagePort;
}
