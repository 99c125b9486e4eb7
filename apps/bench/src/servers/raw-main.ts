// Raw node:net in one process: `node raw-main.js <port> <reply>`. Collects garbage on SIGUSR2, for memory to be compared.
import { createServer } from "node:net";
import { reply } from "./reply.ts";

// The last two: PM2 puts arguments of its own before them.
const [port, name] = process.argv.slice(-2);
createServer({ noDelay: true }, reply(name)).listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
process.on("SIGUSR2", () => globalThis.gc?.());
