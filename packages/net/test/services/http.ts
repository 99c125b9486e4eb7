// A plain http.Server, with one slow and one hanging path.
import http from "node:http";
import type { Socket } from "node:net";

const server = http.createServer(
  { connectionsCheckingInterval: 20, headersTimeout: 100, requestTimeout: 100 },
  (request, response) => {
    if (request.url === "/slow") setTimeout(() => response.end("slow"), 50);
    else if (request.url === "/destroy") (request.socket as Socket).destroy(new Error("destroyed by the service"));
    else response.end(`hello from ${request.socket.remoteAddress}`);
  },
);
server.keepAliveTimeout = 60_000;
export default server;
