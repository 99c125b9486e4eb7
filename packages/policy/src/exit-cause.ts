// Why a unit ended, in the words that policies, records and metrics share.

/**
 * Why a thread or a process is gone. Whoever saw it die chooses one; policies only ask whether it counts as a failure.
 *
 * - `finished`: it ended by itself without an error (exit code 0), though nobody asked it to.
 * - `crashed`: an error that nobody caught.
 * - `rejected`: a promise's rejection that nobody handled.
 * - `exited`: an exit code other than 0: of a process also what is behind the two above.
 * - `killed`: a signal that Plait did not send, its own abort included.
 * - `out-of-heap`: V8 could not allocate within the unit's heap limit.
 * - `out-of-memory`: the kernel killed it for the memory of its cgroup or machine.
 * - `hung`: it was ended because it no longer answered.
 * - `not-ready`: it did not become ready within its start timeout, or could not be started at all.
 * - `escalated`: its own children were restarted too often.
 * - `planned`: drain, recycle, reload, scaling: Plait asked it to end.
 * - `operator`: a person asked for it by command.
 */
export type ExitCause =
  | "finished"
  | "crashed"
  | "rejected"
  | "exited"
  | "killed"
  | "out-of-heap"
  | "out-of-memory"
  | "hung"
  | "not-ready"
  | "escalated"
  | "planned"
  | "operator";

/** True for an end that Plait or a person asked for: it is never counted and never restarted by the restart policy. */
export function isRequested(cause: ExitCause): boolean {
  return cause === "planned" || cause === "operator";
}

/** True for an end that means something is wrong: everything but a request and a voluntary, error-free exit. */
export function isFailure(cause: ExitCause): boolean {
  return !isRequested(cause) && cause !== "finished";
}
