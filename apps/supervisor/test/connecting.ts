// Clients that connect, ask and leave in a loop, and count how each connection went.

import { pause } from "./pause.ts";
import { Client } from "./supervisor-program.ts";

export interface Connections {
  served: number;
  reset: number;
  refused: number;
}

/** Three clients, until told to stop. A reply that `isRight` does not take counts as a reset. */
export function connecting(port: number, isRight: (reply: string) => boolean = (reply) => reply === "HELLO") {
  const counts: Connections = { served: 0, reset: 0, refused: 0 };
  let going = true;
  const clients = [1, 2, 3].map(async () => {
    while (going) {
      const client = new Client(port);
      const served = await client.ask("hello").then(isRight, () => false);
      client.socket.end();
      const outcome = await client.closed;
      counts[served ? "served" : outcome === "refused" ? "refused" : "reset"]++;
      // They share the machine with what they test.
      await pause();
    }
  });
  return async (): Promise<Connections> => {
    going = false;
    await Promise.all(clients);
    return counts;
  };
}
