// What can go wrong between the two ends of a channel between threads.

/** The thread with the sending end has ended without closing the channel: what it still meant to send never comes. */
export class ChannelBrokenError extends Error {
  override readonly name = "ChannelBrokenError";
  readonly code = "ERR_PLAIT_CHANNEL_BROKEN";

  /** @param cause how the thread ended, if that is known */
  constructor(channel?: string, cause?: Error) {
    const which = channel === undefined ? "The channel" : `Channel "${channel}"`;
    const why = cause?.message ?? "the thread with its sending end has ended";
    super(`${which} broke: ${why}`, cause && { cause });
  }
}
