// A plain tls.Server that echoes.
import { readFileSync } from "node:fs";
import tls from "node:tls";

const read = (name: string) => readFileSync(new URL(`../certificates/${name}`, import.meta.url));
export default tls.createServer({ cert: read("localhost.pem"), key: read("localhost.key") }, (socket) => {
  socket.pipe(socket);
});
