// A plain HTTP server, for whoever listens for it.
import { createServer, type Server } from "node:http";

export function httpServer(): Server {
  return createServer((_request, response) => {
    response.setHeader("content-type", "text/plain");
    response.end("hello, world\n");
  });
}
