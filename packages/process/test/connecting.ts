// A client for these tests: connects, reads to the end, and says how it went.
import { connect } from "node:net";

export interface Answer {
  readonly outcome: "served" | "refused" | "reset";
  readonly text: string;
}

/** @param to a port of this machine, or the path of a unix socket */
export function ask(to: number | string): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = typeof to === "string" ? connect(to) : connect(to, "127.0.0.1");
    let text = "";
    let outcome: Answer["outcome"] = "reset";
    socket.on("data", (chunk) => {
      text += chunk;
      outcome = "served";
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      outcome = error.code === "ECONNREFUSED" ? "refused" : "reset";
    });
    socket.on("close", () => resolve({ outcome, text }));
  });
}

/** Three clients that connect, read to the end and begin again, until told to stop; counts how each connection went. */
export function connecting(port: number): () => Promise<Record<Answer["outcome"], number>> {
  const counts = { served: 0, refused: 0, reset: 0 };
  let going = true;
  const clients = [1, 2, 3].map(async () => {
    while (going) counts[(await ask(port)).outcome]++;
  });
  return async () => {
    going = false;
    await Promise.all(clients);
    return counts;
  };
}
