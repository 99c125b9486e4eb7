// `@plait/supervisor/client`: talks to a running supervisor, without any of the code that runs one.
export { ControlClient } from "./control/client.ts";
export type { ControlCommands, ControlResult } from "./control/commands.ts";
export { controlNames, controlPath } from "./control/path.ts";
export { type ControlReply, type ControlRequest, PROTOCOL_VERSION } from "./control/protocol.ts";
export type { Death } from "./death-record.ts";
export type { ProcessDump, ServiceDump } from "./dump.ts";
export {
  ControlClosedError,
  ControlError,
  ControlPermissionError,
  ControlTimeoutError,
  NotRunningError,
} from "./errors.ts";
export { type Level, type LogEntry, levels } from "./logs/log-entry.ts";
export type { LogPage, LogQuery } from "./logs/log-query.ts";
export type { Plan } from "./plan.ts";
export type { ProcessStatus, ServiceStatus, SupervisorStatus, ThreadStatus } from "./status.ts";
