// Beginning, ending and coming back: start-up, the loss of every process, and a reload.
import type { Benchmark } from "../../harness/benchmark.ts";
import { crash } from "./crash.ts";
import { reload } from "./reload.ts";
import { start } from "./start.ts";

export const lifecycle: Benchmark = {
  name: "lifecycle",
  what: "start-up, recovery from the loss of every process, reload",
  scenarios: [start, crash, reload],
};
