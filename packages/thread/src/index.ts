// Tier 2: supervised serving threads with a control port each.
export type { ThreadAccepting } from "./accepting.ts";
export type { OnConnectionEnd, ThreadStats } from "./connections/connection-lane.ts";
export { NotAPlacementError, ThreadCallTimeoutError, ThreadExitedError, ThreadStartError } from "./errors.ts";
export type { ThreadDump } from "./inspect/inspection.ts";
export type { BlockedStack } from "./inspect/read-stack.ts";
export type { Recording } from "./inspect/recording.ts";
export type { Compute } from "./offload/compute.ts";
export { ComputePool, type ComputePoolOptions } from "./offload/compute-pool.ts";
export { setCompute } from "./offload/home.ts";
export {
  byPeer,
  type Candidate,
  leastConnections,
  loadPlacement,
  type Placement,
  powerOfTwo,
  roundRobin,
} from "./placement.ts";
export { OwnUnit } from "./remote/own-unit.ts";
export { setRemoteUnits } from "./remote/remote.ts";
export { type RemoteOptions, RemoteUnits } from "./remote/remote-units.ts";
export {
  ServingThread,
  type ServingThreadOptions,
  type ThreadStopBudget,
} from "./serving-thread.ts";
export {
  type ThreadEnding,
  type ThreadEvent,
  ThreadGroup,
  type ThreadGroupOptions,
  type ThreadRollOptions,
} from "./thread-group.ts";
export type { ThreadUsage } from "./thread-usage.ts";
export type { OnThreadOutput, ThreadStream } from "./thread-worker.ts";
export type { WatchdogEvent } from "./watchdog/watchdog.ts";
export type { StartResult, StartTask, ThreadControl } from "./wire.ts";
