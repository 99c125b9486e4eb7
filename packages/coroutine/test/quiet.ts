// Puts every test of a file on virtual time, and checks that it leaves nothing behind.
import { checkLeaks, type VirtualTime, virtualTime } from "@plait/coroutine/testing";
import { afterEach, beforeEach } from "vitest";

export function onVirtualTime(): void {
  let time: VirtualTime;
  beforeEach(() => {
    time = virtualTime();
  });
  afterEach(async () => {
    time[Symbol.dispose]();
    await checkLeaks();
  });
}
