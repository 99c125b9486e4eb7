// Raw listening handles: the only file that touches Node's underscore API for binding without listening.

import type { SendHandle } from "node:child_process";
import type { Worker } from "node:cluster";
import * as net from "node:net";
import { getSystemErrorName } from "node:util";

/** A kernel socket that is bound. Opaque: it is sent to processes, given to {@link listenOn}, or closed. */
export interface NativeHandle {
  readonly fd: number;
  listen(backlog: number): number;
  /** Only TCP handles have it. */
  getsockname?(out: object): number;
  close(): void;
}

type CreateServerHandle = (
  address: string,
  port: number,
  addressType: 4 | 6 | -1,
  fd: number | undefined,
  flags: number,
) => NativeHandle | number;

const IPV6_ONLY = 1;

/**
 * Binds a TCP address without listening on it.
 *
 * @param host a numeric IPv4 or IPv6 address
 * @param port 0 lets the kernel choose
 * @returns the handle, or the name of the system error, for example `"EADDRINUSE"`
 */
export function bindTcp(host: string, port: number, ipv6Only: boolean): NativeHandle | string {
  return named(createServerHandle()(host, port, net.isIPv6(host) ? 6 : 4, undefined, ipv6Only ? IPV6_ONLY : 0));
}

/** Binds a unix-domain socket without listening on it. Returns the handle or the name of the system error. */
export function bindUnix(path: string): NativeHandle | string {
  return named(createServerHandle()(path, -1, -1, undefined, 0));
}

/** Adopts a descriptor that somebody else bound, for example systemd. */
export function adoptDescriptor(fd: number): NativeHandle | string {
  return named(createServerHandle()("", 0, -1, fd, 0));
}

/** Calls `listen` on a handle itself. Returns the name of the system error, or `undefined` when it worked. */
export function tryListen(handle: NativeHandle, backlog: number): string | undefined {
  const status = handle.listen(backlog);
  return status < 0 ? getSystemErrorName(status) : undefined;
}

/** Makes a server accept from a handle. The server owns it from now on and closes it with `close()`. */
export function listenOn(server: net.Server, handle: NativeHandle, backlog: number): void {
  // Pass the handle itself, never its descriptor: in a cluster worker a number means one of the primary's descriptors.
  if (isTcp(handle)) {
    server.listen(handle, backlog);
  } else {
    // `listen` takes TCP handles only; of any other it would take the descriptor.
    Object.assign(server, { _handle: handle });
    (server as net.Server & { _listen2(address: null, port: -1, type: -1, backlog: number): void })._listen2(
      null,
      -1,
      -1,
      backlog,
    );
  }
}

/** Whether a handle is a TCP socket; it is a unix-domain socket otherwise. */
export function isTcp(handle: NativeHandle): boolean {
  return handle.getsockname !== undefined;
}

/** Sends a message with a kernel duplicate of the handle; the sender keeps its own. */
export function sendWithHandle(worker: Worker, message: object, handle: NativeHandle): void {
  if (!worker.isConnected()) return;
  worker.send(message, handle as NativeHandle & SendHandle, () => {
    // A failed send means that the process is going away, which its exit event tells with a reason.
  });
}

function createServerHandle(): CreateServerHandle {
  return (net as unknown as { _createServerHandle: CreateServerHandle })._createServerHandle;
}

function named(result: NativeHandle | number): NativeHandle | string {
  return typeof result === "number" ? getSystemErrorName(result) : result;
}
