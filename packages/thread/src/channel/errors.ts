// What can go wrong between the two ends of a channel between threads.

/** Why an end has no other end any more. A port that is closed does not say by what. */
export const CUT_OFF =
  "the thread with its other end has ended, or this end was moved to another thread before it was opened here";

/** The thread with the sending end has ended without closing the channel: what it still meant to send never comes. */
export class ChannelBrokenError extends Error {
  override readonly name = "ChannelBrokenError";
  readonly code = "ERR_PLAIT_CHANNEL_BROKEN";

  /** @param cause how the thread ended, if that is known */
  constructor(channel?: string, cause?: Error) {
    const which = channel === undefined ? "The channel" : `Channel "${channel}"`;
    super(`${which} broke: ${cause?.message ?? CUT_OFF}`, cause && { cause });
  }
}

/** An end of a channel can't be opened here, or not be moved: it is none, it is open already, or it was given away. */
export class ChannelEndError extends Error {
  override readonly name = "ChannelEndError";
  readonly code = "ERR_PLAIT_CHANNEL_END";
}

/** A value can't be sent to another thread. */
export class ChannelCloneError extends Error {
  override readonly name = "ChannelCloneError";
  readonly code = "ERR_PLAIT_CHANNEL_CLONE";

  /** @param channel as errors name it */
  constructor(channel: string, cause: unknown) {
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    super(`a value can't cross to another thread on ${channel}; pass plain data${why}`, { cause });
  }
}
