// Piscina alone: the main thread accepts, a connection is a task of the pool. `node piscina-main.js <port> <threads>`.
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";

const [, , port, threads] = process.argv;
const pool = new Piscina({
  filename: fileURLToPath(new URL("./piscina-task.js", import.meta.url)),
  minThreads: Number(threads),
  maxThreads: Number(threads),
  concurrentTasksPerWorker: 10_000,
  idleTimeout: Number.POSITIVE_INFINITY,
  atomics: "disabled",
});
createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
  // Piscina's types don't know yet that a socket can be transferred.
  pool.run({ socket }, { transferList: [socket] as never }).catch(() => socket.destroy());
}).listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
