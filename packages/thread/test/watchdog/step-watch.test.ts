import { Progress } from "@plait/coroutine/unstable";
import { expect, test } from "vitest";
import { StepWatch } from "../../src/watchdog/step-watch.ts";

test("a step lasts from the look at which it was first seen, and another step of the same coroutine is another one", () => {
  const progress = new Int32Array(new SharedArrayBuffer(8));
  const watch = new StepWatch(progress);
  const step = (task: number) => {
    progress[Progress.task] = task;
    progress[Progress.steps] = (progress[Progress.steps] ?? 0) + 1;
  };
  const look = (now: number) => {
    watch.look(now);
    return watch.running(now);
  };
  expect(look(10)).toBeUndefined();
  step(7);
  expect([look(20), look(50)]).toEqual([
    { task: 7, ms: 0 },
    { task: 7, ms: 30 },
  ]);
  step(7);
  expect([look(60), look(61)]).toEqual([
    { task: 7, ms: 0 },
    { task: 7, ms: 1 },
  ]);
  progress[Progress.task] = 0;
  expect(look(90)).toBeUndefined();
});
