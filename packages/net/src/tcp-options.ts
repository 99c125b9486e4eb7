// What is asked of the kernel for a TCP connection.
import type { Incoming } from "./incoming.ts";

export interface TcpOptions {
  /** Send small packets at once (TCP_NODELAY). Default true. */
  readonly noDelay?: boolean | undefined;
  /**
   * Milliseconds without a byte after which the kernel probes the peer; ten probes a second apart without an answer end
   * the connection with a reset. `false`: it is never probed. Default 60,000: a peer that lost its power sends nothing
   * any more, no end either, and would be served for ever.
   */
  readonly keepAlive?: number | false | undefined;
}

/** Sets the options of a connection that has none yet; does nothing to one that is not TCP's, or gone. */
export function setTcpOptions(
  incoming: Pick<Incoming, "setNoDelay" | "setKeepAlive">,
  { noDelay = true, keepAlive = 60_000 }: TcpOptions,
): void {
  if (noDelay) incoming.setNoDelay(true);
  // Whole seconds are what the kernel takes; of less than one Node makes its default of two hours.
  if (keepAlive !== false) incoming.setKeepAlive(true, Math.ceil(keepAlive / 1000) * 1000);
}
