// Puts the tiers together: topology, control socket, status.
export { ControlClient, type ControlCommands } from "./control/client.ts";
export { controlNames, controlPath } from "./control/path.ts";
export { ControlServer } from "./control/server.ts";
export type { Death } from "./death-record.ts";
export {
  AlreadyRunningError,
  BusyError,
  ControlError,
  GaveUpError,
  NotRunningError,
  ReloadError,
  RestartNeededError,
  UnknownNameError,
} from "./errors.ts";
export type { OutputLine } from "./output.ts";
export type {
  ConnectionCounts,
  ProcessStatus,
  ServiceStatus,
  SupervisorStatus,
  ThreadStatus,
  UnitStatus,
} from "./status.ts";
export { supervise } from "./supervise.ts";
export { type ServiceEvent, Supervisor, type SupervisorEvent, type SupervisorOptions } from "./supervisor.ts";
