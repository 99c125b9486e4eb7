// From the public type of an operation to the one the runtime works with.
import type { Op } from "./op.ts";
import { Operation } from "./operation.ts";

/** Thrown when something that is not an operation was given where one is needed. */
export class NotAnOperationError extends TypeError {
  override readonly name = "NotAnOperationError";
  readonly code = "ERR_PLAIT_NOT_AN_OPERATION";

  constructor() {
    super(
      "Expected an operation of @plait/coroutine. Wrap a promise in until(), and pass a generator function to scope() or spawn().",
    );
  }
}

/** A task or a deferred answers for its own operation; an operation is its own. */
export function operationOf<T>(op: Op<T>): Operation<T> {
  const iterator: unknown = typeof op === "object" && Symbol.iterator in op ? op[Symbol.iterator]() : undefined;
  if (iterator instanceof Operation) return iterator;
  throw new NotAnOperationError();
}
