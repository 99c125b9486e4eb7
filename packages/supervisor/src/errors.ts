// What can go wrong in the supervisor itself, one class per failure.

/** A service's units were restarted too often: everything was stopped. */
export class GaveUpError extends Error {
  override readonly name = "GaveUpError";
  readonly code = "ERR_PLAIT_GAVE_UP";
  readonly service: string;

  constructor(service: string, reason: string) {
    super(`gave up on ${service}: ${reason}`);
    this.service = service;
  }
}

/** A reload ended early: a new process failed, or a stop was asked for. Every slot keeps what it had, or has the new one. */
export class ReloadError extends Error {
  override readonly name = "ReloadError";
  readonly code = "ERR_PLAIT_RELOAD";
  readonly service: string;
  /** Slots that serve the old code and configuration. */
  readonly kept: readonly string[];
  /** Slots that serve the new one already. */
  readonly replaced: readonly string[];

  /** @param waits whether its processes were given up, and it is to start again as a whole */
  constructor(
    service: string,
    { reason, kept, replaced }: Pick<ReloadError, "kept" | "replaced"> & { readonly reason: string },
    waits: boolean,
  ) {
    const none = "none of the old processes serves: they start again as a whole when their wait is over";
    const serve = replaced.length === 1 ? "serves" : "serve";
    const mixed = `${replaced.join(", ")} already ${serve} the new code, ${kept.join(", ")} the old; reload again to make them one, or roll back`;
    const last = "every slot is the new code's already; reload again to finish it, or roll back";
    const unchanged = waits ? none : "the old processes go on serving";
    const state = replaced.length === 0 ? unchanged : kept.length === 0 ? last : mixed;
    super(`${service} was not reloaded: ${reason}; ${state}`);
    this.service = service;
    this.kept = kept;
    this.replaced = replaced;
  }
}

/** What was asked for can't be done to a running service: stop the supervisor and start it again. */
export class RestartNeededError extends Error {
  override readonly name = "RestartNeededError";
  readonly code = "ERR_PLAIT_RESTART_NEEDED";

  constructor(what: string) {
    super(`restart needed: ${what}; nothing was changed. Stop this supervisor and start it again`);
  }
}

/** A listener's socket can't be left alone while it goes on to exist. Nothing was changed. */
export class SuspendError extends Error {
  override readonly name = "SuspendError";
  readonly code = "ERR_PLAIT_SUSPEND";

  constructor(listener: string) {
    super(
      `${listener} can't be suspended: the supervisor's own process serves it, and Node can't stop accepting from its only ` +
        "unix socket. Nothing was changed; give the service a process of its own (topology.processes) and start it again",
    );
  }
}

/** Another change is under way, or the supervisor stops. Ask again later. */
export class BusyError extends Error {
  override readonly name = "BusyError";
  readonly code = "ERR_PLAIT_BUSY";

  constructor(what: string, underWay: string) {
    super(`${what} is not possible now: ${underWay}`);
  }
}

/** There is no revision that a rollback could go back to. */
export class NoRevisionError extends Error {
  override readonly name = "NoRevisionError";
  readonly code = "ERR_PLAIT_NO_REVISION";

  constructor(why: string) {
    super(`nothing to roll back to: ${why}`);
  }
}

/** There is no service, or no unit, of that name; or there are several, and none was named. */
export class UnknownNameError extends Error {
  override readonly name = "UnknownNameError";
  readonly code = "ERR_PLAIT_UNKNOWN_NAME";

  constructor(
    kind: "service" | "listener" | "unit" | "process or service",
    name: string | undefined,
    known: readonly string[],
  ) {
    const all = known.join(", ");
    super(
      name === undefined
        ? `there are several, so say which ${kind}: ${all}`
        : `there is no ${kind} ${name}; there ${known.length === 1 ? "is" : "are"} ${all}`,
    );
  }
}

/** The log file can't be opened for appending. Nothing was started, or the old file stays in use. */
export class LogFileError extends Error {
  override readonly name = "LogFileError";
  readonly code = "ERR_PLAIT_LOG_FILE";

  constructor(path: string, cause: unknown) {
    const { code, message } = cause as NodeJS.ErrnoException;
    super(`the log file ${path} can't be opened: ${code ?? message}`, { cause });
  }
}

/** Another live supervisor has this name. Stop it, or give this one another name. */
export class AlreadyRunningError extends Error {
  override readonly name = "AlreadyRunningError";
  readonly code = "ERR_PLAIT_ALREADY_RUNNING";

  constructor(supervisor: string, path: string) {
    super(
      `a supervisor named "${supervisor}" is already running (it answers on ${path}); stop it with ` +
        `"supervisor stop ${supervisor}", or start this one under another name with --name`,
    );
  }
}

/** No supervisor answers on the control socket. */
export class NotRunningError extends Error {
  override readonly name = "NotRunningError";
  readonly code = "ERR_PLAIT_NOT_RUNNING";

  constructor(supervisor: string, path: string, options?: ErrorOptions) {
    super(`no supervisor named "${supervisor}" is running (nothing answers on ${path})`, options);
  }
}

/** The supervisor ended, or closed the connection, before it answered. */
export class ControlClosedError extends Error {
  override readonly name = "ControlClosedError";
  readonly code = "ERR_PLAIT_CONTROL_CLOSED";

  constructor() {
    super("the supervisor ended before it answered");
  }
}

/** The supervisor has the connection and says nothing: it is stopped (SIGSTOP), or its event loop stands still. */
export class ControlTimeoutError extends Error {
  override readonly name = "ControlTimeoutError";
  readonly code = "ERR_PLAIT_CONTROL_TIMEOUT";

  constructor(command: string, ms: number) {
    super(
      `the supervisor has not answered ${command} for ${ms / 1_000} s; it may be stopped (SIGSTOP) or busy. What it serves goes on`,
    );
  }
}

/** The two sides speak different versions of the control protocol. Use the command of the version that runs. */
export class ControlVersionError extends Error {
  override readonly name = "ControlVersionError";
  readonly code = "ERR_PLAIT_CONTROL_VERSION";

  constructor(spoken: number, asked: unknown) {
    super(
      `this supervisor speaks version ${spoken} of the control protocol and the request is version ${JSON.stringify(asked)}: ` +
        "use the supervisor command of the version that runs, or restart it with this one",
    );
  }
}

/** A command that changes something was asked for on the socket for readers. */
export class NotForReadersError extends Error {
  override readonly name = "NotForReadersError";
  readonly code = "ERR_PLAIT_CONTROL_PERMISSION";

  constructor(command: string) {
    super(`${command} is not answered on this socket, which is for commands that only read`);
  }
}

/** The control socket, or the folder of control sockets, may not be used. */
export class ControlPermissionError extends Error {
  override readonly name = "ControlPermissionError";
  readonly code = "ERR_PLAIT_CONTROL_PERMISSION";
}

/** A control request was refused or could not be understood. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly code = "ERR_PLAIT_CONTROL";
  /** The code of the supervisor's own error, when that is what the request ended in: `"ERR_PLAIT_RELOAD"`. */
  readonly reason: string | undefined;

  constructor(message: string, reason?: string) {
    super(message);
    this.reason = reason;
  }
}

/** A method was called by the supervisor and answers with a stream that does not end soon. */
export class StreamTooLongError extends Error {
  override readonly name = "StreamTooLongError";
  readonly code = "ERR_PLAIT_STREAM_TOO_LONG";

  constructor(unit: string, method: string, items: number) {
    super(`${unit} ${method} answers with more than ${items} items: call it from another thread, item by item`);
  }
}
