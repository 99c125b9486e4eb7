// What a task's next step has to do: the state machine every coroutine goes through.

/**
 * `start` → `running` → (`parked` → `value` | `error`)* → `ended` → `done`. `poll` is a task that was made to give way
 * before it asked its operation; `promise` is the body of an async function; `ended` waits for children; `kill` drops a
 * body that would not stop waiting after it was cancelled; `bare` is a value for a `yield` without a star.
 */
export const Mode = {
  start: 0,
  running: 1,
  parked: 2,
  value: 3,
  error: 4,
  poll: 5,
  promise: 6,
  ended: 7,
  done: 8,
  kill: 9,
  bare: 10,
} as const;
export type Mode = (typeof Mode)[keyof typeof Mode];

/** How a body, and in the end its task, came out. */
export const Status = { pending: 0, fulfilled: 1, rejected: 2, cancelled: 3 } as const;
export type Status = (typeof Status)[keyof typeof Status];
