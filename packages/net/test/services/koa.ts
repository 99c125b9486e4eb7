// A Koa application.
import { createServer } from "node:http";
import Koa from "koa";

const app = new Koa();
app.use((context) => {
  const [, name] = /^\/hello\/(.*)$/.exec(context.path) ?? [];
  context.body = name === undefined ? context.ip : { hello: name };
});
export default createServer(app.callback());
