// What can go wrong in the process tier, one class per failure.
import type { Exit } from "@plait/policy";

/** An address could not be bound. Free it, choose another, or get the permission; then start again. */
export class BindError extends Error {
  override readonly name = "BindError";
  readonly code = "ERR_PLAIT_BIND";
  readonly address: string;
  /** The system's name for it, for example `"EADDRINUSE"`. */
  readonly reason: string;

  constructor(address: string, reason: string) {
    super(`cannot bind ${address}: ${explain(reason)}`);
    this.address = address;
    this.reason = reason;
  }
}

/** A process ended, or stayed silent past its deadline, before it was ready to serve. */
export class ProcessStartError extends Error {
  override readonly name = "ProcessStartError";
  readonly code = "ERR_PLAIT_PROCESS_START";
  /** The unit's id, for example `"p2"`. */
  readonly unit: string;

  constructor(unit: string, what: string, options?: ErrorOptions) {
    super(`${unit} ${what}`, options);
    this.unit = unit;
  }
}

/** A call to a process can never be answered, because the process has ended. */
export class ProcessExitedError extends Error {
  override readonly name = "ProcessExitedError";
  readonly code = "ERR_PLAIT_PROCESS_EXITED";
  readonly unit: string;
  readonly exit: Exit;

  constructor(unit: string, exit: Exit) {
    super(`${unit} ended before it answered: ${exit.text}`);
    this.unit = unit;
    this.exit = exit;
  }
}

/** A process did not answer a call in time; it may be busy, and its next answer may still come. */
export class ProcessCallTimeoutError extends Error {
  override readonly name = "ProcessCallTimeoutError";
  readonly code = "ERR_PLAIT_PROCESS_CALL_TIMEOUT";
  readonly unit: string;

  constructor(unit: string, method: string, ms: number) {
    super(`${unit} did not answer "${method}" within ${ms} ms`);
    this.unit = unit;
  }
}

function explain(reason: string): string {
  switch (reason) {
    case "EADDRINUSE":
      return "another program is listening on it (EADDRINUSE); stop that program or choose another port";
    case "EACCES":
      return "not allowed (EACCES); ports below 1024 need root or CAP_NET_BIND_SERVICE, so choose a higher port or grant it";
    case "EADDRNOTAVAIL":
      return "this machine has no such address (EADDRNOTAVAIL)";
    case "ENOTFOUND":
      return "the host name does not resolve (ENOTFOUND)";
    case "ENOTINHERITED":
      return "whoever started this program passed no such socket (see LISTEN_FDS and LISTEN_FDNAMES)";
    default:
      return reason;
  }
}
