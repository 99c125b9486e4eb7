// A Hono application, on its Node adapter.
import { createAdaptorServer } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono } from "hono";

const app = new Hono();
app.get("/hello/:name", (context) => context.json({ hello: context.req.param("name") }));
app.get("/ip", (context) => context.text(getConnInfo(context).remote.address ?? "unknown"));
export default createAdaptorServer(app);
