// Reads PROXY protocol headers, versions 1 and 2 (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt).
import { isIPv4, isIPv6 } from "node:net";
import type { ByteQueue } from "../byte-queue.ts";
import { PeerError } from "../errors.ts";
import type { Peer } from "../peer.ts";
import type { ProxyHeader } from "./header.ts";

/** A peer that has to send a PROXY header sent none, or a broken one. */
export class ProxyHeaderError extends PeerError {
  override readonly name = "ProxyHeaderError";
  readonly code = "ERR_PLAIT_PROXY_HEADER";

  constructor(problem: string) {
    super(
      `The PROXY header ${problem}. Check that the proxy in front sends PROXY v1 or v2, and that only proxies connect here.`,
    );
  }
}

const SIGNATURE_V1 = Buffer.from("PROXY ");
const SIGNATURE_V2 = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
/** Longest first line of version 1, its end included. */
const MAX_V1 = 107;
/** Longest body of version 2 accepted: the largest addresses and room for extensions. The format allows 65,535. */
const MAX_V2_BODY = 4096;
const V2_HEAD = 16;

/** What the first bytes of a stream turn out to be. */
export type Parsed =
  | { readonly kind: "more" }
  | { readonly kind: "none" }
  | { readonly kind: "header"; readonly header: ProxyHeader };

const MORE: Parsed = { kind: "more" };
const NONE: Parsed = { kind: "none" };

/**
 * Takes a header off the front of the queue, if there is one.
 *
 * @throws {ProxyHeaderError} It begins like a header and is none.
 */
export function parseProxyHeader(bytes: ByteQueue): Parsed {
  const v1 = compare(bytes, SIGNATURE_V1);
  if (v1 === "equal") return parseV1(bytes);
  const v2 = compare(bytes, SIGNATURE_V2);
  if (v2 === "equal") return parseV2(bytes);
  return v1 === "different" && v2 === "different" ? NONE : MORE;
}

function compare(bytes: ByteQueue, signature: Buffer): "equal" | "different" | "too short" {
  const there = Math.min(bytes.length, signature.length);
  if (!bytes.peek(there).equals(signature.subarray(0, there))) return "different";
  return there === signature.length ? "equal" : "too short";
}

function parseV1(bytes: ByteQueue): Parsed {
  const there = bytes.peek(Math.min(bytes.length, MAX_V1));
  const end = there.indexOf("\r\n");
  if (end < 0) {
    if (there.length === MAX_V1) throw new ProxyHeaderError(`has no end within ${MAX_V1} bytes`);
    return MORE;
  }
  const [, protocol, source, destination, sourcePort, destinationPort, ...rest] = there
    .toString("latin1", 0, end)
    .split(" ");
  if (protocol === "UNKNOWN") {
    bytes.skip(end + 2);
    return found({ version: 1, local: false, source: undefined, destination: undefined });
  }
  if ((protocol !== "TCP4" && protocol !== "TCP6") || rest.length > 0)
    throw new ProxyHeaderError("is not TCP4, TCP6 or UNKNOWN");
  const header: ProxyHeader = {
    version: 1,
    local: false,
    source: textPeer(protocol, source, sourcePort),
    destination: textPeer(protocol, destination, destinationPort),
  };
  bytes.skip(end + 2);
  return found(header);
}

function textPeer(protocol: "TCP4" | "TCP6", address = "", port = ""): Peer {
  const valid = protocol === "TCP4" ? isIPv4(address) : isIPv6(address);
  if (!valid) throw new ProxyHeaderError(`names ${JSON.stringify(address)}, which is no ${protocol} address`);
  if (!/^(0|[1-9]\d{0,4})$/.test(port) || Number(port) > 65_535) {
    throw new ProxyHeaderError(`names ${JSON.stringify(port)}, which is no port`);
  }
  return { address, port: Number(port), family: protocol === "TCP4" ? "IPv4" : "IPv6" };
}

function parseV2(bytes: ByteQueue): Parsed {
  if (bytes.length < V2_HEAD) return MORE;
  const head = bytes.peek(V2_HEAD);
  const command = head.readUInt8(12);
  const family = head.readUInt8(13);
  const size = head.readUInt16BE(14);
  if (command >> 4 !== 2) throw new ProxyHeaderError(`has version ${command >> 4}`);
  if ((command & 15) > 1) throw new ProxyHeaderError(`has command ${command & 15}`);
  if (size > MAX_V2_BODY) throw new ProxyHeaderError(`has ${size} bytes, more than ${MAX_V2_BODY}`);
  if (bytes.length < V2_HEAD + size) return MORE;
  const body = bytes.peek(V2_HEAD + size).subarray(V2_HEAD);
  const local = (command & 15) === 0;
  const [source, destination] = local ? [] : addresses(family >> 4, body);
  bytes.skip(V2_HEAD + size);
  return found({ version: 2, local, source, destination });
}

function addresses(family: number, body: Buffer): [Peer, Peer] | [] {
  if (family === 1) {
    if (body.length < 12) throw new ProxyHeaderError("is too short for two IPv4 addresses");
    const at = (start: number, port: number): Peer => ({
      address: body.subarray(start, start + 4).join("."),
      port: body.readUInt16BE(port),
      family: "IPv4",
    });
    return [at(0, 8), at(4, 10)];
  }
  if (family === 2) {
    if (body.length < 36) throw new ProxyHeaderError("is too short for two IPv6 addresses");
    const at = (start: number, port: number): Peer => ({
      address: ipv6(body.subarray(start, start + 16)),
      port: body.readUInt16BE(port),
      family: "IPv6",
    });
    return [at(0, 32), at(16, 34)];
  }
  // A unix-domain client, or a protocol this header has no addresses for.
  return [];
}

/** The canonical text of an address (RFC 5952): the URL parser knows the rules. */
function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function found(header: ProxyHeader): Parsed {
  return { kind: "header", header };
}
