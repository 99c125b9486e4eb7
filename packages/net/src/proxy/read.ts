// Waits for a PROXY header on a socket, and leaves the bytes behind it where they were.
import type { Socket } from "node:net";
import { ByteQueue } from "../byte-queue.ts";
import { ConnectionResetError, ConnectionTimeoutError } from "../errors.ts";
import type { ProxyHeader } from "./header.ts";
import { ProxyHeaderError, parseProxyHeader } from "./parse.ts";

/**
 * Reads the header, if there is one.
 *
 * @param required Whether a connection without a header is an error.
 * @param timeout Milliseconds until it has to be there.
 * @throws {ProxyHeaderError} It is broken, or missing although required.
 * @throws {ConnectionTimeoutError} It did not come in time.
 * @throws {ConnectionResetError} The peer went away.
 */
export function readProxyHeader(socket: Socket, required: boolean, timeout: number): Promise<ProxyHeader | undefined> {
  const bytes = new ByteQueue();
  const { promise, resolve, reject } = Promise.withResolvers<ProxyHeader | undefined>();
  const timer = setTimeout(() => reject(new ConnectionTimeoutError("handshake", timeout)), timeout);
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
  return promise.finally(() => {
    clearTimeout(timer);
    socket.off("readable", look).off("end", look).off("error", gone).off("close", gone);
    if (bytes.length > 0 && !socket.destroyed && !socket.readableEnded) socket.unshift(bytes.take(bytes.length));
  });
}
