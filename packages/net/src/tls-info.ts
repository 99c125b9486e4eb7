// What a TLS handshake agreed on.
import type { PeerCertificate } from "node:tls";

export interface TlsInfo {
  /** "TLSv1.3". */
  readonly version: string;
  readonly cipher: string;
  /** The protocol chosen through ALPN, `undefined` when none was. */
  readonly alpn: string | undefined;
  /** The name the client asked for (SNI), `undefined` when it named none. */
  readonly serverName: string | undefined;
  /** Whether the peer's certificate was verified against a known authority. */
  readonly authorized: boolean;
  /** The peer's certificate, `undefined` when it showed none. */
  readonly peerCertificate: PeerCertificate | undefined;
  /** Whether an earlier session was resumed. */
  readonly resumed: boolean;
}
