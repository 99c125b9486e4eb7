// What a task can run: generators, operations, promises, and how to tell them apart.
import { Coroutine } from "./coroutine.ts";
import { Join } from "./join.ts";
import type { Fn } from "./op.ts";
import { Operation } from "./operation.ts";

/** What the body of a generator task is driven through. An operation is one too. */
export interface Body {
  next(sent?: unknown): { done?: boolean | undefined; value: unknown };
  throw?(error: unknown): { done?: boolean | undefined; value: unknown };
  return?(value?: unknown): unknown;
}

/** A function that has not been called yet, with what to call it with. */
export interface Call {
  readonly fn: Fn;
  readonly args: readonly unknown[];
}

const generatorFunction: unknown = Object.getPrototypeOf(function* () {});

/** The function asked about last, and the answer: a server spawns the same few again and again. */
let asked: unknown;
let answer = false;

/** Whether calling `fn` gives a generator and runs none of its body. */
export function isGeneratorFunction(fn: unknown): fn is (...args: readonly unknown[]) => Body {
  if (fn !== asked) {
    asked = fn;
    answer = Object.getPrototypeOf(fn) === generatorFunction;
  }
  return answer;
}

/** What to step, when a function returned something that can be stepped. */
export function bodyOf(result: unknown): Body | undefined {
  if (typeof result !== "object" || result === null) return undefined;
  if (result instanceof Operation) return result as Body;
  if (result instanceof Coroutine) return new Join(result) as Body;
  return Symbol.iterator in result && "next" in result && typeof result.next === "function"
    ? (result as unknown as Body)
    : undefined;
}

export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

export function throwInto(body: Body, error: unknown): { done?: boolean | undefined; value: unknown } {
  if (body.throw === undefined) throw error;
  return body.throw(error);
}
