// Between two looks at what another process does: a loop without a pause takes the processor from what it waits for.
import { setTimeout as sleep } from "node:timers/promises";

const PAUSE_MS = 10;

export function pause(): Promise<void> {
  return sleep(PAUSE_MS);
}
