// A WebSocket server of the ws package, beside ordinary requests.
import http from "node:http";
import { WebSocketServer } from "ws";

const server = http.createServer((_request, response) => {
  response.end("plain");
});
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket) => {
  socket.on("message", (message) => socket.send(`echo ${String(message)}`));
});
export default server;
