// What a process tells its supervisor without being asked.
import type { BodyEvent } from "./body.ts";
import type { ProcessShare } from "./status.ts";

export type Told = BodyEvent | ShareReport;

/** Its counters: now and then, and last thing before it ends. */
export interface ShareReport {
  readonly type: "share";
  readonly share: ProcessShare;
}
