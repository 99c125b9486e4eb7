// The rival: what one writes with node:net and nothing else.
import type { Socket } from "node:net";

export function echo(socket: Socket): void {
  socket.on("error", () => {});
  socket.on("data", (chunk) => socket.write(chunk));
}

export function lines(socket: Socket): void {
  socket.on("error", () => {});
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    rest += chunk;
    let start = 0;
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n", start)) {
      socket.write(`${rest.slice(start, end)}\n`);
      start = end + 1;
    }
    rest = rest.slice(start);
  });
}
