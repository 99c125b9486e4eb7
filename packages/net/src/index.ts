// TCP connections as straight-line code, and the services that serve them.

export { type AcceptRate, LocalRate, type RateLimit, SharedRate } from "./accept-rate.ts";
export { ByteQueue } from "./byte-queue.ts";
export type { Codec, Decoder, Encoder } from "./codec.ts";
export { delimited } from "./codecs/delimited.ts";
export { fixed } from "./codecs/fixed.ts";
export { jsonLines } from "./codecs/json-lines.ts";
export { type LengthPrefixedOptions, lengthPrefixed } from "./codecs/length-prefixed.ts";
export { type LineEncoding, type LinesOptions, lines } from "./codecs/lines.ts";
export { netstring } from "./codecs/netstring.ts";
export { type ConnectOptions, connect } from "./connect.ts";
export { ConnectError } from "./connect-error.ts";
export type { Connection, ReadExactlyOptions, ReadLineOptions, ReadUntilOptions } from "./connection.ts";
export { type ConnectionCounter, LocalCounter, SharedCounter } from "./counter.ts";
export {
  ConcurrentReadError,
  ConnectionClosedError,
  ConnectionResetError,
  ConnectionTimeoutError,
  type DeadlineKind,
  FrameInvalidError,
  FrameNotEncodableError,
  FrameTooLargeError,
  PeerError,
  SlowPeerError,
  UnexpectedEndError,
} from "./errors.ts";
export { type Framed, framed } from "./framed.ts";
export { HostedOptionError } from "./hosted-options.ts";
export { acceptFrom, type Incoming } from "./incoming.ts";
export type { Limits, PerAddress } from "./limits.ts";
export type { ListenerOptions } from "./listener.ts";
export { NotAServiceError, ServiceLoadError, ServiceStopError } from "./load-service.ts";
export type { ConnectionOptions, MinReadRate, Timeouts, Watermarks } from "./options.ts";
export type { ConnectionOutcome, OutcomeCounts } from "./outcome.ts";
export { formatPeer, type Peer } from "./peer.ts";
export { type PipeOptions, pipe } from "./pipe.ts";
export type { ProxyHeader } from "./proxy/header.ts";
export { ProxyHeaderError } from "./proxy/parse.ts";
export type { ProxyOptions } from "./proxy/trust.ts";
export { defineService, type Service, type ServiceContext, type ServiceMethods } from "./service.ts";
export { openServiceHost, type ServiceHost, type ServiceHostOptions } from "./service-host.ts";
export type { ConnectionName, OnError } from "./serving.ts";
export type { TcpOptions } from "./tcp-options.ts";
export { HandshakeError } from "./tls-handshake.ts";
export type { TlsInfo } from "./tls-info.ts";
export { CertificateError, type CertificateFiles, type TlsOptions } from "./tls-options.ts";
export { NotWritableError, type Writable } from "./writable.ts";
