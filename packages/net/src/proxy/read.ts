// Waits for a PROXY header on a socket, and leaves the bytes behind it where they were.
import type { Socket } from "node:net";
import { ByteQueue } from "../byte-queue.ts";
import { ConnectionResetError, ConnectionTimeoutError } from "../errors.ts";
import { putBack } from "../node-socket.ts";
import type { ProxyHeader } from "./header.ts";
import { ProxyHeaderError, parseProxyHeader } from "./parse.ts";

/** A socket whose first bytes were looked at. */
export interface HeaderRead {
  readonly header: ProxyHeader | undefined;
  /** Reads on behind the header. Not always the socket that was given, which is then gone. */
  readonly socket: Socket;
}

/**
 * Reads the header, if there is one.
 *
 * @param required Whether a connection without a header is an error.
 * @param timeout Milliseconds until it has to be there. A peer that has to send none may be one that waits to be spoken to.
 * @throws {ProxyHeaderError} It is broken, or missing although required.
 * @throws {ConnectionTimeoutError} It did not come in time, although required.
 * @throws {ConnectionResetError} The peer went away.
 */
export async function readProxyHeader(socket: Socket, required: boolean, timeout: number): Promise<HeaderRead> {
  const bytes = new ByteQueue();
  const { promise, resolve, reject } = Promise.withResolvers<ProxyHeader | undefined>();
  const late = () => (required ? reject(new ConnectionTimeoutError("handshake", timeout)) : resolve(undefined));
  const timer = setTimeout(late, timeout);
  const gone = () => reject(new ConnectionResetError());
  const look = () => {
    try {
      for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) bytes.append(chunk);
      const parsed = parseProxyHeader(bytes);
      if (parsed.kind === "header") resolve(parsed.header);
      else if (parsed.kind === "more" && !socket.readableEnded) return;
      else if (required) reject(new ProxyHeaderError("is missing"));
      else resolve(undefined);
    } catch (error) {
      reject(error);
    }
  };
  socket.on("readable", look).on("end", look).on("error", gone).on("close", gone);
  let header: ProxyHeader | undefined;
  try {
    header = await promise;
  } finally {
    clearTimeout(timer);
    socket.off("readable", look).off("end", look).off("error", gone).off("close", gone);
  }
  return { header, socket: putBack(socket, bytes.take(bytes.length)) };
}
