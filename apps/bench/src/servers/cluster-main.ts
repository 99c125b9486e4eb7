// node:cluster as its documentation has it: `node cluster-main.js <port> <reply|http> <workers>`. A worker that dies is
// replaced.
import cluster from "node:cluster";
import { createServer } from "node:net";
import { httpServer } from "./http-server.ts";
import { reply } from "./reply.ts";

const [, , port, name, workers] = process.argv;
if (cluster.isPrimary) {
  for (let i = 0; i < Number(workers); i++) cluster.fork();
  cluster.on("exit", () => cluster.fork());
} else {
  const server = name === "http" ? httpServer() : createServer({ noDelay: true }, reply(name));
  server.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
}
