// What a package needs that brings operations of its own. May change between minor versions.
export { Alarm, now } from "./alarm.ts";
export { Operation, type WaitKind } from "./operation.ts";
export { Progress, shareProgress } from "./progress.ts";
export { Waiter, WaitList } from "./waiter.ts";
export { collectWakes, failNow, resumeNow, wakeAll } from "./wake.ts";
export { outlivesCancel, Witness } from "./witness.ts";
