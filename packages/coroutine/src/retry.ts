// Trying again, later and later.
import { BodyOperation } from "./body.ts";
import { checkCancelled } from "./current.ts";
import type { Co, Op, Result } from "./op.ts";
import { random } from "./random.ts";
import { sleep } from "./sleep.ts";
import { suppress } from "./suppressed.ts";

export interface RetryPolicy {
  /** How often the body runs at most, the first time included. Default: 3. */
  times?: number;
  /** Milliseconds before the second attempt. Default: 100. */
  base?: number;
  /** What the wait is multiplied with after each attempt. Default: 2. */
  factor?: number;
  /** Longest wait in milliseconds. Default: 30 000. */
  longest?: number;
  /**
   * Waits a random part of the time instead of all of it, so that those who failed together don't return together.
   * Default: true. Source: M. Brooker, "Exponential Backoff And Jitter", full jitter.
   */
  jitter?: boolean;
  /** Whether an error is worth another attempt. Default: every error is. */
  while?: (error: unknown) => boolean;
}

/**
 * Runs a body until it succeeds, waiting between attempts.
 *
 * @throws The error of the last attempt; `suppressed(error)` has those before it. A cancel ends it at once.
 * @example
 * const page = yield* retry(() => fetchPage(url), { times: 5, base: 50 });
 */
export function retry<F extends () => unknown>(body: F, policy: RetryPolicy = {}): Op<Result<F>> {
  const { times = 3, base = 100, factor = 2, longest = 30_000, jitter = true } = policy;
  return new BodyOperation<Result<F>>(
    "retry of",
    function* (): Co<Result<F>> {
      const earlier: unknown[] = [];
      for (let attempt = 1; ; attempt++) {
        try {
          return yield* new BodyOperation<Result<F>>("attempt of", body);
        } catch (error) {
          checkCancelled();
          if (attempt >= times || policy.while?.(error) === false) {
            for (const one of earlier) suppress(error, one);
            throw error;
          }
          earlier.push(error);
        }
        const wait = Math.min(base * factor ** (attempt - 1), longest);
        yield* sleep(jitter ? wait * random() : wait);
      }
    },
    { title: body.name },
  );
}
