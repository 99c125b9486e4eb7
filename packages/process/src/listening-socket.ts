// A listening socket that the supervisor owns for its whole life and shares with its processes.
import { lookup } from "node:dns/promises";
import { chmodSync, rmSync } from "node:fs";
import { connect, isIP } from "node:net";
import { BindError } from "./errors.ts";
import { adoptDescriptor, bindTcp, bindUnix, type NativeHandle, tryListen } from "./native-handle.ts";

/** Where to bind. */
export type BindAddress =
  /** `host` undefined is every address of the machine, IPv4 and IPv6. */
  | {
      readonly kind: "tcp";
      readonly host: string | undefined;
      readonly port: number;
      readonly ipv6Only?: boolean | undefined;
    }
  /** `mode`: permission bits of the socket's file. */
  | { readonly kind: "unix"; readonly path: string; readonly mode?: number | undefined }
  /** A socket that whoever started this program bound: a descriptor's number, or its name in `LISTEN_FDNAMES`. */
  | { readonly kind: "inherit"; readonly descriptor: number | string };

/**
 * Binds, and never accepts: processes accept from kernel duplicates of the same socket, so its queue outlives each of
 * them and a client waits where it would otherwise be refused.
 *
 * It owns the socket until `close()`, which also removes a unix socket's file.
 *
 * @example
 * ```ts
 * using socket = await ListeningSocket.bind({ kind: "tcp", host: "127.0.0.1", port: 0 });
 * console.log(socket.address); // "127.0.0.1:41234"
 * ```
 */
export class ListeningSocket implements Disposable {
  /** The bound address as people write it, with the real port: `"127.0.0.1:8080"`, `"[::1]:8080"`, `"/run/echo.sock"`. */
  readonly address: string;
  /** The TCP port, or `undefined` for a unix socket. */
  readonly port: number | undefined;
  readonly handle: NativeHandle;
  readonly #path: string | undefined;
  #closed = false;

  private constructor(address: string, port: number | undefined, handle: NativeHandle, path?: string) {
    this.address = address;
    this.port = port;
    this.handle = handle;
    this.#path = path;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws {BindError} when the address is in use, not allowed or not this machine's */
  static async bind(address: BindAddress): Promise<ListeningSocket> {
    if (address.kind === "tcp") return ListeningSocket.#bindTcp(address);
    if (address.kind === "unix") return ListeningSocket.#bindUnix(address);
    return ListeningSocket.#adopt(address.descriptor);
  }

  static #adopt(descriptor: number | string): ListeningSocket {
    const wanted = `the inherited socket ${descriptor}`;
    const fd = typeof descriptor === "number" ? descriptor : inheritedDescriptor(descriptor);
    if (fd === undefined) throw new BindError(wanted, "ENOTINHERITED");
    const handle = adoptDescriptor(fd);
    if (typeof handle === "string") throw new BindError(wanted, handle);
    const bound: { address?: string; port?: number } = {};
    if (handle.getsockname?.(bound) !== 0 || bound.address === undefined) {
      return new ListeningSocket(`descriptor ${fd}`, undefined, handle);
    }
    return new ListeningSocket(printed(bound.address, bound.port ?? 0), bound.port, handle);
  }

  static async #bindTcp(address: BindAddress & { kind: "tcp" }): Promise<ListeningSocket> {
    const wanted = printed(address.host ?? "*", address.port);
    let host = address.host === undefined ? "::" : await numeric(address.host, wanted);
    let handle = bindTcp(host, address.port, address.ipv6Only ?? false);
    if (address.host === undefined && (handle === "EAFNOSUPPORT" || handle === "EADDRNOTAVAIL")) {
      host = "0.0.0.0";
      handle = bindTcp(host, address.port, false);
    }
    if (typeof handle === "string") throw new BindError(wanted, handle);
    const bound: { port?: number } = {};
    handle.getsockname?.(bound);
    const port = bound.port ?? address.port;
    // Ask by listening for a moment on a second socket: two sockets that are only bound share a port without conflict,
    // and the first process's listen() would be the one to fail.
    const conflict = probe(bindTcp(host, port, address.ipv6Only ?? false));
    if (conflict) {
      handle.close();
      throw new BindError(wanted, conflict);
    }
    return new ListeningSocket(printed(host, port), port, handle);
  }

  static async #bindUnix(address: BindAddress & { kind: "unix" }): Promise<ListeningSocket> {
    let handle = bindUnix(address.path);
    if (handle === "EADDRINUSE" && !(await answers(address.path))) {
      rmSync(address.path, { force: true });
      handle = bindUnix(address.path);
    }
    if (typeof handle === "string") throw new BindError(address.path, handle);
    if (address.mode !== undefined) chmodSync(address.path, address.mode);
    return new ListeningSocket(address.path, undefined, handle, address.path);
  }

  /** Gives the socket up. Clients in its queue that nobody accepted are reset, and new ones refused. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.handle.close();
    if (this.#path) rmSync(this.#path, { force: true });
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function printed(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

async function numeric(host: string, wanted: string): Promise<string> {
  if (isIP(host)) return host;
  try {
    return (await lookup(host)).address;
  } catch {
    throw new BindError(wanted, "ENOTFOUND");
  }
}

function probe(handle: NativeHandle | string): string | undefined {
  if (typeof handle === "string") return handle;
  const conflict = tryListen(handle, 1);
  handle.close();
  return conflict;
}

/** The descriptor that systemd, or a launcher that follows its protocol, passed under a name (sd_listen_fds(3)). */
function inheritedDescriptor(name: string): number | undefined {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES = "" } = process.env;
  if (LISTEN_PID !== undefined && Number(LISTEN_PID) !== process.pid) return undefined;
  const index = LISTEN_FDNAMES.split(":").indexOf(name);
  return index === -1 || index >= Number(LISTEN_FDS ?? 0) ? undefined : FIRST_INHERITED + index;
}

const FIRST_INHERITED = 3;

/**
 * Whether somebody listens on a unix socket; a file without a listener is left over from a program that died. One whose
 * queue is full does not answer, but is there: any error but a refusal is of a live one.
 */
function answers(path: string): Promise<boolean> {
  return new Promise((settle) => {
    const client = connect(path);
    client.once("connect", () => {
      client.destroy();
      settle(true);
    });
    client.once("error", ({ code }: NodeJS.ErrnoException) => settle(code !== "ECONNREFUSED" && code !== "ENOENT"));
  });
}
