// What one writes with node:net and nothing else: a listener for each kind of reply.
import type { Socket } from "node:net";

export const replies: Readonly<Record<string, (socket: Socket) => void>> = {
  echo(socket) {
    socket.on("error", () => {});
    socket.on("data", (chunk) => socket.write(chunk));
  },

  upper(socket) {
    socket.on("error", () => {});
    socket.on("data", (chunk) => socket.write(chunk.toString().toUpperCase()));
  },

  lines(socket) {
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
  },

  async "echo-iterated"(socket) {
    try {
      for await (const chunk of socket) socket.write(chunk);
    } catch {
      // The peer is gone, and with it whoever this is about.
    }
  },
};

/** @throws {Error} when there is no such reply */
export function reply(name = ""): (socket: Socket) => void {
  const found = replies[name];
  if (!found) throw new Error(`there is no reply "${name}"; there are ${Object.keys(replies).join(", ")}`);
  return found;
}
