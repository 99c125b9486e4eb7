// What can go wrong in the thread tier, one class per failure.
import type { Exit } from "@plait/policy";

/** A thread ended, or stayed silent past its deadline, before it was ready to serve. */
export class ThreadStartError extends Error {
  override readonly name = "ThreadStartError";
  readonly code = "ERR_PLAIT_THREAD_START";
  /** The unit's id, for example `"p2.t1"`. */
  readonly unit: string;

  constructor(unit: string, what: string, options?: ErrorOptions) {
    super(`${unit} ${what}`, options);
    this.unit = unit;
  }
}

/** A call to a thread can never be answered, because the thread has ended. */
export class ThreadExitedError extends Error {
  override readonly name = "ThreadExitedError";
  readonly code = "ERR_PLAIT_THREAD_EXITED";
  readonly unit: string;

  constructor(unit: string, exit?: Exit) {
    super(`${unit} ended before it answered${exit ? `: ${exit.text}` : ""}`);
    this.unit = unit;
  }
}

/** A thread did not answer a call in time: its event loop is busy, or the call waits for something slow. */
export class ThreadCallTimeoutError extends Error {
  override readonly name = "ThreadCallTimeoutError";
  readonly code = "ERR_PLAIT_THREAD_CALL_TIMEOUT";
  readonly unit: string;

  constructor(unit: string, method: string, ms: number) {
    super(`${unit} did not answer "${method}" within ${ms} ms`);
    this.unit = unit;
  }
}

/** The arguments of a call to another thread, or its result, can't cross. */
export class ThreadCallCloneError extends Error {
  override readonly name = "ThreadCallCloneError";
  readonly code = "ERR_PLAIT_THREAD_CALL_CLONE";

  constructor(what: "arguments" | "result", cause: unknown) {
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    super(
      `the ${what} of the call can't cross to another thread; pass plain data, or the end of a channel as an argument or a result of its own${why}`,
      { cause },
    );
  }
}

/** A module that should say where connections go has no function as its default export. */
export class NotAPlacementError extends Error {
  override readonly name = "NotAPlacementError";
  readonly code = "ERR_PLAIT_NOT_A_PLACEMENT";

  constructor(module: string) {
    super(`${module} has no placement: export default a function of the threads that could take a connection`);
  }
}
