// Who is at one end of a connection.
import { Socket } from "node:net";
import type { Handle } from "./node-socket.ts";

/** An address at one end of a connection. */
export interface Peer {
  /** An IP address, or the path of a unix-domain socket, or "" where the system names none. */
  readonly address: string;
  /** 0 for anything but TCP. */
  readonly port: number;
  readonly family: "IPv4" | "IPv6" | "unix" | "memory";
}

/** The way a peer is printed in logs and messages: `127.0.0.1:4100`, `[::1]:4100`, `/run/app.sock`. */
export function formatPeer(peer: Peer): string {
  if (peer.family === "unix" || peer.family === "memory") return peer.address === "" ? peer.family : peer.address;
  return peer.family === "IPv6" ? `[${peer.address}]:${peer.port}` : `${peer.address}:${peer.port}`;
}

/** The other end of a socket, or of a descriptor. */
export function remotePeer(of: Socket | Handle): Peer {
  if (of instanceof Socket) return peer(of.remoteAddress, of.remotePort, of.remoteFamily);
  const named: { address: string; port: number; family: Peer["family"] } = { address: "", port: 0, family: "unix" };
  of.getpeername?.(named);
  return MAPPED_IPV4.test(named.address) ? peer(named.address, named.port, named.family) : named;
}

/** This end of a socket. */
export function localPeer(socket: Pick<Socket, "localAddress" | "localPort" | "localFamily">): Peer {
  return peer(socket.localAddress, socket.localPort, socket.localFamily);
}

const MAPPED_IPV4 = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/;

function peer(address = "", port = 0, family: string | undefined): Peer {
  // A dual-stack socket shows IPv4 peers as IPv6 ones; lists of trusted or limited addresses mean the IPv4 address.
  const plain = address.replace(MAPPED_IPV4, "");
  if (plain !== address) return { address: plain, port, family: "IPv4" };
  return { address, port, family: family === "IPv4" || family === "IPv6" ? family : "unix" };
}
