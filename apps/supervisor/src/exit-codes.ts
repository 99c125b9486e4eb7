// Exit codes, by sysexits(3), so that systemd, Kubernetes and scripts can tell what happened.
import { ControlError } from "@plait/supervisor/client";
import { rootOf } from "./explain.ts";

export const exitCodes = {
  /** Stopped as asked. */
  ok: 0,
  /** Something unforeseen. */
  failure: 1,
  /** Wrong arguments. */
  usage: 64,
  /** No supervisor to talk to. */
  unavailable: 69,
  /** A service was restarted too often. */
  gaveUp: 70,
  /** An address could not be bound. */
  cannotBind: 71,
  /** The name is taken by another supervisor, or a file that was to be written is there. */
  taken: 73,
  /** It may work later: another change is under way, or the supervisor stops. */
  busy: 75,
  /** The two sides speak different versions of the control protocol. */
  version: 76,
  /** The control socket is not this user's. */
  forbidden: 77,
  /** The configuration, or the service that it names, is wrong. */
  config: 78,
  /** Ended by Ctrl-C. */
  interrupted: 130,
  /** Nobody reads its output any more (128 and SIGPIPE's number). */
  brokenPipe: 141,
} as const;

const byErrorCode: Readonly<Record<string, number>> = {
  ERR_PLAIT_USAGE: exitCodes.usage,
  ERR_PLAIT_INVALID_ARGUMENT: exitCodes.usage,
  ERR_PLAIT_CONFIG: exitCodes.config,
  ERR_PLAIT_SERVICE_LOAD: exitCodes.config,
  ERR_PLAIT_NOT_A_SERVICE: exitCodes.config,
  ERR_PLAIT_CERTIFICATE: exitCodes.config,
  ERR_PLAIT_BIND: exitCodes.cannotBind,
  ERR_PLAIT_GAVE_UP: exitCodes.gaveUp,
  ERR_PLAIT_PROCESS_START: exitCodes.gaveUp,
  ERR_PLAIT_THREAD_START: exitCodes.gaveUp,
  ERR_PLAIT_NO_REVISION: exitCodes.failure,
  ERR_PLAIT_BUSY: exitCodes.busy,
  ERR_PLAIT_UNKNOWN_NAME: exitCodes.usage,
  ERR_PLAIT_SUSPEND: exitCodes.usage,
  ERR_PLAIT_UNKNOWN_METHOD: exitCodes.usage,
  ERR_PLAIT_NOT_RUNNING: exitCodes.unavailable,
  ERR_PLAIT_CONTROL_CLOSED: exitCodes.unavailable,
  ERR_PLAIT_CONTROL_TIMEOUT: exitCodes.unavailable,
  ERR_PLAIT_ALREADY_RUNNING: exitCodes.taken,
  ERR_PLAIT_CONTROL_VERSION: exitCodes.version,
  ERR_PLAIT_CONTROL_PERMISSION: exitCodes.forbidden,
  ERR_PLAIT_LOG_FILE: exitCodes.taken,
  ERR_PLAIT_INIT: exitCodes.taken,
  ERR_PLAIT_INIT_CANCELLED: exitCodes.interrupted,
};

/** The exit code for an error that ended the command; for one that a supervisor answered with, that of its own error. */
export function exitCodeOf(error: unknown): number {
  const root = rootOf(error);
  const code = root instanceof ControlError && root.reason ? root.reason : (root as { code?: unknown }).code;
  return (typeof code === "string" ? byErrorCode[code] : undefined) ?? exitCodes.failure;
}
