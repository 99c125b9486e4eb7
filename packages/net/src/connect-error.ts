// Why a connection to somebody else's server did not come about.

/** No address of a server could be connected to, its name has none, or the TLS handshake with it failed. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  readonly code = "ERR_PLAIT_CONNECT";
  /** What was to be connected to: "example.com:7", or the path of a unix socket. */
  readonly target: string;
  /** The system's error for each address that was tried, such as one with code `ECONNREFUSED`. */
  readonly errors: readonly Error[];

  constructor(target: string, errors: readonly Error[]) {
    const reasons = errors.map(({ message }) => message).join("; ");
    const [only] = errors;
    super(`Can't connect to ${target}: ${reasons}. Check the address, and that the server runs and is reachable.`, {
      cause: errors.length === 1 ? only : new AggregateError(errors, "No address could be connected to."),
    });
    this.target = target;
    this.errors = errors;
  }
}
