// One connection of a load: sends a message, waits for as many bytes as its reply has.
import { connect, type Socket } from "node:net";

/** Reads of all clients go into one buffer: what comes back is only counted. */
const sink = Buffer.allocUnsafeSlow(256 * 1024);

/**
 * Connects, and calls `onReply` for each whole reply.
 *
 * @param onFailure called once when the server ends the connection, or it fails
 */
export function openClient(
  port: number,
  replyBytes: number,
  onConnect: (socket: Socket) => void,
  onReply: (socket: Socket) => void,
  onFailure: () => void,
): Socket {
  let received = 0;
  const socket: Socket = connect({
    port,
    host: "127.0.0.1",
    noDelay: true,
    onread: {
      buffer: sink,
      callback(count) {
        received += count;
        if (received >= replyBytes) {
          received -= replyBytes;
          onReply(socket);
        }
        return true;
      },
    },
  });
  let failed = false;
  const fail = () => {
    if (failed) return;
    failed = true;
    onFailure();
    socket.destroy();
  };
  socket.once("connect", () => onConnect(socket));
  socket.on("error", fail);
  socket.on("end", fail);
  return socket;
}

/** How long the reply to a message is: sends it once, and counts until nothing more comes for a while. */
export function askReplyBytes(port: number, message: string): Promise<number> {
  const quietMs = 100;
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(message));
    let bytes = 0;
    let timer: NodeJS.Timeout | undefined;
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      clearTimeout(timer);
      timer = setTimeout(() => {
        socket.destroy();
        resolve(bytes);
      }, quietMs);
    });
    socket.on("error", reject);
    socket.on("end", () => reject(new Error("the server closed the connection instead of answering")));
  });
}
