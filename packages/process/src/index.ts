// Tier 1: cluster workers that share the supervisor's listening sockets.
export { Acceptor, type AcceptorOptions, acceptingServer, listening } from "./acceptor.ts";
export { BindError, ProcessCallTimeoutError, ProcessExitedError, ProcessStartError } from "./errors.ts";
export { LentDescriptors, type Loan } from "./lent-descriptors.ts";
export { type BindAddress, ListeningSocket } from "./listening-socket.ts";
export { isTcp, listenOn, type NativeHandle } from "./native-handle.ts";
export { eachLine } from "./output-lines.ts";
export {
  type ProcessEnding,
  ProcessGroup,
  type ProcessGroupOptions,
  type ProcessRecipe,
  type ProcessRollOptions,
} from "./process-group.ts";
export { type OutputStream, WorkerProcess, type WorkerProcessOptions } from "./worker-process.ts";
