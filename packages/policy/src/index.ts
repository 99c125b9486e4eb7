// Restart, rollout, recycling and shutdown as pure state machines: events and a clock in, decisions out.
export { type BackoffLimits, defaultBackoff, longestDelay, nextDelay, type RandomSource } from "./backoff.ts";
export { type ExitCause, isFailure, isRequested } from "./exit-cause.ts";
export { defaultRestart, type RestartLimits, type RestartWhen, type Tier, tiers } from "./restart-limits.ts";
export {
  type RestartDecision,
  type RestartEvent,
  RestartPolicy,
  type SlotState,
  type SlotStatus,
} from "./restart-policy.ts";
export {
  type Exit,
  SlotGroup,
  type SlotGroupOptions,
  type Unit,
  type UnitEvent,
  type UnitSlot,
  type UnitState,
} from "./slot-group.ts";
