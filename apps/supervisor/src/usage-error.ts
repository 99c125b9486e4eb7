// Arguments that are each right and do not go together.

/** The command line can't be carried out as it stands. The message says what to write. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "ERR_PLAIT_USAGE";
}
