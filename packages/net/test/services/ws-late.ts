// A WebSocket server that answers a handshake when it is told to.
import http from "node:http";
import { WebSocketServer } from "ws";

/** What answers each handshake that has been asked for. */
export const answers: (() => void)[] = [];

const server = http.createServer();
const sockets = new WebSocketServer({ noServer: true });
server.on("upgrade", (request, socket, head) => {
  answers.push(() => sockets.handleUpgrade(request, socket, head, () => {}));
});
export default server;
