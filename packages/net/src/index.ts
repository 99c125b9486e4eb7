// TCP connections as straight-line code, and the services that serve them.
export { ByteQueue } from "./byte-queue.ts";
export type { Connection, ReadLineOptions, ReadUntilOptions } from "./connection.ts";
export {
  ConcurrentReadError,
  ConnectionClosedError,
  ConnectionResetError,
  ConnectionTimeoutError,
  type DeadlineKind,
  FrameInvalidError,
  FrameTooLargeError,
  PeerError,
  SlowPeerError,
  UnexpectedEndError,
} from "./errors.ts";
export { NotAServiceError, ServiceLoadError } from "./load-service.ts";
export type { ConnectionOptions, MinReadRate, Timeouts, Watermarks } from "./options.ts";
export type { Writable } from "./outbox.ts";
export type { ConnectionOutcome, OutcomeCounts } from "./outcome.ts";
export { formatPeer, type Peer } from "./peer.ts";
export type { ProxyHeader } from "./proxy/header.ts";
export { defineService, type Service, type ServiceContext } from "./service.ts";
export { openServiceHost, type ServiceHost, type ServiceHostOptions } from "./service-host.ts";
export type { ConnectionName, OnError } from "./serving.ts";
export type { TlsInfo } from "./tls-info.ts";
