// Restart, rollout, recycling and shutdown as pure state machines: events and a clock in, decisions out.
export { type BackoffLimits, defaultBackoff, nextDelay, type RandomSource } from "./backoff.ts";
export { BeatWatch, type Finding, lookEvery, type WatchdogLimits } from "./beat-watch.ts";
export { type ExitCause, isFailure, isRequested } from "./exit-cause.ts";
export { type GenerationDecision, type GenerationEvent, Generations } from "./generations.ts";
export {
  defaultRecycling,
  type RecycleDecision,
  type RecycleEvent,
  type RecycleLimits,
  RecyclePlanner,
  type RecycleReason,
  spreadLimit,
} from "./recycling.ts";
export {
  defaultRestart,
  groupLimits,
  type RestartLimits,
  type RestartWhen,
  type Tier,
} from "./restart-limits.ts";
export {
  type RestartDecision,
  type RestartEvent,
  RestartPolicy,
} from "./restart-policy.ts";
export { type RollOptions, type RollResult, roll } from "./rolling.ts";
export { defaultRollout, Rollout, type RolloutDecision, type RolloutEvent, type RolloutLimits } from "./rollout.ts";
export {
  defaultShutdown,
  Shutdown,
  type ShutdownBudget,
  type ShutdownDecision,
  type ShutdownEvent,
  type ShutdownPhase,
  type StopTimes,
  shutdownPhases,
  shutdownTotal,
} from "./shutdown.ts";
export { type ShutDownOptions, type ShutdownSteps, shutDown } from "./shutting-down.ts";
export { SlotGroup, type SlotGroupOptions } from "./slot-group.ts";
export type {
  Exit,
  ExitStack,
  KeptUnit,
  NextUnit,
  StartUnit,
  Unfinished,
  UnfinishedTask,
  Unit,
  UnitEvent,
  UnitSlot,
  UnitState,
} from "./unit.ts";
export type { Wait } from "./wait.ts";
export { type WorstCaseStep, worstCase } from "./worst-case.ts";
