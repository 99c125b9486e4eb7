// Which peers may say on whose behalf they connect.
import { BlockList, isIPv4, isIPv6 } from "node:net";
import type { Peer } from "../peer.ts";

/** How a listener treats PROXY headers. */
export interface ProxyOptions {
  /**
   * `require`: a trusted peer without a header is refused. `accept`: it is served under its own address, and one that says
   * nothing once `timeouts.handshake` is over.
   */
  readonly mode: "require" | "accept";
  /**
   * Peers that may send a header: addresses and networks ("10.0.0.0/8", "::1"), and "unix" for unix-domain sockets. With
   * `require` all others are refused; with `accept` what they send is left to the service.
   */
  readonly trust: readonly string[];
}

/** A set of trusted peers. */
export class TrustedPeers {
  readonly #networks = new BlockList();
  readonly #unix: boolean;

  /** @throws {RangeError} An entry is no address, no network and not "unix". */
  constructor(entries: readonly string[]) {
    this.#unix = entries.includes("unix");
    for (const entry of entries) if (entry !== "unix") this.#add(entry);
  }

  has(peer: Peer): boolean {
    if (peer.family === "IPv4" || peer.family === "IPv6") {
      return this.#networks.check(peer.address, peer.family === "IPv4" ? "ipv4" : "ipv6");
    }
    return peer.family === "unix" && this.#unix;
  }

  #add(entry: string): void {
    const [address = "", prefix, ...rest] = entry.split("/");
    const family = isIPv4(address) ? "ipv4" : isIPv6(address) ? "ipv6" : undefined;
    const bits = Number(prefix);
    if (family === undefined || rest.length > 0 || (prefix !== undefined && !/^\d+$/.test(prefix)))
      throw notTrusted(entry);
    if (prefix === undefined) this.#networks.addAddress(address, family);
    else if (bits > (family === "ipv4" ? 32 : 128)) throw notTrusted(entry);
    else this.#networks.addSubnet(address, bits, family);
  }
}

function notTrusted(entry: string): RangeError {
  return new RangeError(`"${entry}" in proxy.trust is no address, no network like 10.0.0.0/8 and not "unix".`);
}
