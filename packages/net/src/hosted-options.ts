// Which of a listener's options a server of Node's can't have, because they are about how our connections read and write.
import type { Limits } from "./limits.ts";
import type { ListenerOptions } from "./listener.ts";

/** A listener has an option that means nothing to a server of `net`, `tls`, `http` or `https`. */
export class HostedOptionError extends Error {
  override readonly name = "HostedOptionError";
  readonly code = "ERR_PLAIT_HOSTED_OPTION";
  /** "limits.minReadRate" */
  readonly option: string;

  constructor(listener: string, option: string, instead: string) {
    super(
      `Listener "${listener}" has ${option}, which does not apply to a server made by Node's net, tls, http or https. Remove it, and ${instead}.`,
    );
    this.option = option;
  }
}

const readTimeouts = "set the server's own timeouts (headersTimeout, requestTimeout or socket.setTimeout) instead";
const ownBuffers = "give the server a `highWaterMark` instead";

/** Throws the {@link HostedOptionError} of the first option that does not apply. */
export function checkHosted(listener: string, { timeouts = {}, watermarks, readAhead, limits }: ListenerOptions): void {
  const reject = (option: string, value: unknown, instead: string) => {
    if (value !== undefined) throw new HostedOptionError(listener, option, instead);
  };
  reject("timeouts.read", timeouts.read, readTimeouts);
  reject("timeouts.linger", timeouts.linger, "leave it to the server when its sockets are destroyed");
  reject("watermarks", watermarks, ownBuffers);
  reject("readAhead", readAhead, ownBuffers);
  checkHostedLimits(listener, limits);
}

/** The same for limits alone, which can change while the server serves. */
export function checkHostedLimits(listener: string, limits: Limits = {}): void {
  if (limits.minReadRate !== undefined) throw new HostedOptionError(listener, "limits.minReadRate", readTimeouts);
}
