// The supervisor's exit codes: sysexits.h where it has a word for what happened.

/** What a supervisor's exit code says. Service managers decide by it whether a restart can help. */
export const exitCodes = {
  /** It was asked to stop, and everything ended in time. */
  stopped: 0,
  /** An error that has no code of its own. */
  failed: 1,
  /** EX_USAGE: a command line that cannot be understood. */
  usage: 64,
  /** EX_SOFTWARE: the service was restarted too often; the supervisor gave up. */
  gaveUp: 70,
  /** EX_OSERR: an address cannot be bound. */
  cannotBind: 71,
  /** EX_TEMPFAIL: something that may work later, such as a supervisor that still stops. */
  temporary: 75,
  /** EX_CONFIG: a configuration that cannot be used. A restart does not help. */
  config: 78,
  /** Hurried by SIGINT (128 + 2). */
  interrupted: 130,
  /** Hurried by SIGTERM (128 + 15). */
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
