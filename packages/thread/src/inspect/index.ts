// Looking into threads that may not answer: `@plait/thread/inspect`. Loads none of the rest of the tier.
export { mainThreadStack, recordMainThread } from "./main-thread.ts";
export type { BlockedStack } from "./read-stack.ts";
export type { Recording } from "./recording.ts";
export { tellRunning } from "./running-task.ts";
