// A plain https.Server: it brings its own TLS.
import { readFileSync } from "node:fs";
import https from "node:https";

const read = (name: string) => readFileSync(new URL(`../certificates/${name}`, import.meta.url));
export default https.createServer({ cert: read("localhost.pem"), key: read("localhost.key") }, (request, response) => {
  response.end(`hello from ${request.socket.remoteAddress}`);
});
