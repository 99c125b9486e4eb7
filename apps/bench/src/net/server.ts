// One server under test, in a process of its own: `node server.js plait|raw echo|lines`. Reports its port, and on request
// its processor time and memory, to the process that started it.
import { createServer, type Socket } from "node:net";
import { openServiceHost } from "@plait/net";
import * as raw from "./raw.ts";

const [, , rival, service] = process.argv;
const serve = await handler();
const server = createServer(
  { noDelay: true, pauseOnConnect: rival === "plait", allowHalfOpen: rival === "plait" },
  serve,
);
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" && address !== null ? address.port : 0 });
});
process.on("message", () => {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send?.({
    cpuMs: (user + system) / 1000,
    rss: process.memoryUsage.rss(),
    heap: process.memoryUsage().heapUsed,
  });
});
process.on("disconnect", () => process.exit());

async function handler(): Promise<(socket: Socket) => void> {
  if (rival !== "plait") return service === "lines" ? raw.lines : raw.echo;
  const host = await openServiceHost(new URL(`./${service}.js`, import.meta.url), { unit: "bench" });
  return (socket) => void host.serve(socket);
}
