// What tests of coroutines need: virtual time, replayable orders, a check for leftovers.
export { checkLeaks, LeakError } from "./leaks.ts";
export { type Simulated, type Simulation, SimulationError, simulate } from "./simulate.ts";
export { type VirtualTime, type VirtualTimeOptions, virtualTime } from "./virtual-time.ts";
