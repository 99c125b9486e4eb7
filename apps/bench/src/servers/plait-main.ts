// Plait's connections in one process, without the tiers above: `node plait-main.js <port> <service>`. Collects garbage on
// SIGUSR2, for memory to be compared.
import { createServer } from "node:net";
import { acceptFrom, openServiceHost } from "@plait/net";

const [, , port, name] = process.argv;
const host = await openServiceHost(new URL(`./services/${name}.js`, import.meta.url), { unit: "bench" });
const server = createServer().listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
server.once("listening", () => acceptFrom(server, (incoming) => host.serve(incoming)));
process.on("SIGUSR2", () => globalThis.gc?.());
