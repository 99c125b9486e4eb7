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

/** A control request was refused or could not be understood. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly code = "ERR_PLAIT_CONTROL";
}
