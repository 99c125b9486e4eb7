// A pure function that may run on the compute pool: what `defineTask` makes.
import type { Transferable } from "node:worker_threads";
import { InvalidArgumentError } from "@plait/coroutine";

/** Where a task is found by the thread that runs it. */
export interface TaskAddress {
  /** URL of the module that exports it. */
  readonly module: string;
  /** The name it is exported by. */
  readonly name: string;
}

/** A function that `offload` runs on another thread. Calling `run` runs it here. */
export interface ComputeTask<A extends readonly unknown[], R> extends TaskAddress {
  run(...args: A): R | PromiseLike<R>;
  /** What of a result is moved instead of copied. */
  transfer?(result: R): readonly Transferable[];
}

/** Options of {@link defineTask}. */
export interface TaskOptions<R> {
  /** Names what of a result is moved to the caller instead of copied, for example `(bytes) => [bytes.buffer]`. */
  readonly transfer?: (result: R) => readonly Transferable[];
}

/**
 * Declares a function that can be offloaded. Export the result by the name given here: the compute thread imports the
 * module and looks the task up. Arguments and results are structured clones, so the function sees nothing of the
 * caller's memory; it may be async, and may throw.
 *
 * @param module `import.meta.url`
 * @param name the name that the task is exported by
 * @throws {InvalidArgumentError} for a module that is no URL, no name or no function
 * @example
 * ```ts
 * export const digest = defineTask(import.meta.url, "digest", (text: string) =>
 *   createHash("sha256").update(text).digest("hex"),
 * );
 * // in a coroutine: const hex = yield* offload(digest, [line]);
 * ```
 */
export function defineTask<A extends readonly unknown[], R>(
  module: string,
  name: string,
  run: (...args: A) => R,
  options: TaskOptions<Awaited<R>> = {},
): ComputeTask<A, Awaited<R>> {
  if (!URL.canParse(module))
    throw new InvalidArgumentError(`A task's module can't be ${module}. Give import.meta.url.`);
  if (typeof name !== "string" || typeof run !== "function") {
    throw new InvalidArgumentError("A task needs the name that it is exported by, and its function. Give both.");
  }
  return { module, name, run: run as (...args: A) => Awaited<R> | PromiseLike<Awaited<R>>, ...options };
}

/** Whether a module's export is a task. */
export function isTask(value: unknown): value is ComputeTask<readonly unknown[], unknown> {
  const { module, name, run } = Object(value) as Partial<ComputeTask<readonly unknown[], unknown>>;
  return typeof module === "string" && typeof name === "string" && typeof run === "function";
}
