// One connection as a task of Piscina: it is over when the socket is closed.
import { once } from "node:events";
import type { Socket } from "node:net";
import { reply } from "./reply.ts";

export default async function serve({ socket }: { socket: Socket }): Promise<void> {
  reply("upper")(socket);
  socket.resume();
  await once(socket, "close");
}
