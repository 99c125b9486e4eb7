// Plait's connections in one process, without the tiers above: `node plait-main.js <port> <service>`. Collects garbage on
// SIGUSR2, for memory to be compared.
import { createServer } from "node:net";
import { openServiceHost } from "@plait/net";

const [, , port, name] = process.argv;
const host = await openServiceHost(new URL(`./services/${name}.js`, import.meta.url), { unit: "bench" });
createServer({ noDelay: true, pauseOnConnect: true, allowHalfOpen: true }, (socket) => host.serve(socket)).listen({
  port: Number(port),
  host: "127.0.0.1",
  backlog: 4096,
});
process.on("SIGUSR2", () => globalThis.gc?.());
