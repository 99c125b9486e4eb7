// Puts the tiers together: topology, control socket, status.
export type { TaskCounts } from "@plait/coroutine";
export { ControlClient } from "./control/client.ts";
export type { ControlCommands, ControlResult } from "./control/commands.ts";
export { controlNames, controlPath } from "./control/path.ts";
export { ProcessesFile } from "./control/processes-file.ts";
export { ControlServer } from "./control/server.ts";
export type { Death } from "./death-record.ts";
export { describeEvent } from "./describe-event.ts";
export type { ProcessDump, ServiceDump } from "./dump.ts";
export {
  AlreadyRunningError,
  BusyError,
  ControlClosedError,
  ControlError,
  ControlPermissionError,
  ControlTimeoutError,
  ControlVersionError,
  GaveUpError,
  LogFileError,
  NoRevisionError,
  NotForReadersError,
  NotRunningError,
  ReloadError,
  RestartNeededError,
  SuspendError,
  UnknownNameError,
} from "./errors.ts";
export { hideSecrets } from "./hide-secrets.ts";
export { type Level, type LogEntry, levels } from "./logs/log-entry.ts";
export type { LogPage, LogQuery } from "./logs/log-query.ts";
export type { OutputLine } from "./output.ts";
export { type Plan, planFor } from "./plan.ts";
export type {
  ConnectionCounts,
  KeptProcess,
  ListenerStatus,
  ProcessStatus,
  ServiceStatus,
  SupervisorStatus,
  ThreadStatus,
  UnitStatus,
} from "./status.ts";
export { supervise } from "./supervise.ts";
export { Supervisor, type SupervisorOptions } from "./supervisor.ts";
export type { ServiceEvent, SupervisorEvent } from "./supervisor-event.ts";
