// Watching the scheduler at work: costs nothing while nobody has asked for it.
import { type Instrument, instruments } from "./instruments.ts";
import { loop } from "./loop.ts";
import { observedStep } from "./observed-step.ts";

/**
 * Puts an instrument in place; dispose of the result to remove it. While one is there every step is timed.
 *
 * @example
 * using _ = instrument({ blocked: ({ ms, task }) => console.warn(`${task.name} blocked for ${ms} ms`) });
 */
export function instrument(added: Instrument): Disposable {
  instruments.push(added);
  loop.observe = observedStep;
  return {
    [Symbol.dispose]() {
      const index = instruments.indexOf(added);
      if (index >= 0) instruments.splice(index, 1);
      if (instruments.length === 0) loop.observe = null;
    },
  };
}
