// Has V8 collect a thread's young garbage now.
//
// The only file that gets at `gc`, which Node gives a program that was started with --expose-gc: a flag set for as long
// as it takes to make a context that has it. test/young-garbage.test.ts fails when a release changes that.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (options: { readonly type: "minor" }) => void;

let collect: Collect | undefined;

/**
 * Collects young garbage, in some tenths of a millisecond where little of it is alive. The first call in a thread makes
 * what it needs, in about a millisecond.
 */
export function collectYoung(): void {
  collect ??= find();
  collect?.({ type: "minor" });
}

/** `undefined` when another thread took the flag back meanwhile: the next call tries again. */
function find(): Collect | undefined {
  setFlagsFromString("--expose-gc");
  try {
    return runInNewContext("globalThis.gc") as Collect | undefined;
  } finally {
    setFlagsFromString("--no-expose-gc");
  }
}
