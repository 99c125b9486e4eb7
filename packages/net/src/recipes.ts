// What to export instead of an application of a web framework, which serves nothing by itself.
import { Server } from "node:net";

/** "exports an Express application; export `createServer(app)` of node:http", `undefined` when it is nothing known. */
export function recipeFor(exported: unknown): string | undefined {
  if (typeof exported !== "function" && (typeof exported !== "object" || exported === null)) return undefined;
  const has = (name: string) => name in exported && typeof exported[name as keyof typeof exported] === "function";
  if (has("handle") && has("use") && has("listen")) {
    return `exports an Express application; export \`createServer(app)\` of node:http`;
  }
  if (has("callback") && has("use") && has("listen")) {
    return `exports a Koa application; export \`createServer(app.callback())\` of node:http`;
  }
  if (has("ready") && has("inject") && "server" in exported && exported.server instanceof Server) {
    return "exports a Fastify application; export `app.server`, after `await app.ready()`";
  }
  if (has("fetch")) {
    return "exports a Hono application, or another with `fetch`; export `createAdaptorServer(app)` of @hono/node-server";
  }
  return undefined;
}
