// A Fastify application.
import fastify from "fastify";

const app = fastify();
app.get<{ Params: { name: string } }>("/hello/:name", async (request) => ({ hello: request.params.name }));
app.get("/ip", async (request) => request.ip);
await app.ready();
export default app.server;
