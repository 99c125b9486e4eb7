// What a PROXY header says.
import type { Peer } from "../peer.ts";

/** Who connected to a proxy, as the proxy reports it. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /** Whether the proxy itself opened the connection (a health check): the addresses are then its own. */
  readonly local: boolean;
  /** The client, `undefined` when the proxy does not know it. */
  readonly source: Peer | undefined;
  /** The address the client connected to. */
  readonly destination: Peer | undefined;
}
