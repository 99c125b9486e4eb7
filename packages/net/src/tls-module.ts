// Node's TLS, loaded by whoever speaks it first: it brings the whole of node:crypto, 1.5 MB in every thread.
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** Ask for the module with this, and import nothing but types of it. */
export function tlsModule(): typeof import("node:tls") {
  return process.getBuiltinModule("node:tls");
}

/** Whether a socket is encrypted; asks without loading TLS. */
export function isTls(socket: Socket): socket is TLSSocket {
  return "encrypted" in socket && socket.encrypted === true;
}
