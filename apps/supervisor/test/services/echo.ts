// Upper-cases, and misbehaves when a client tells it to. "who" is answered with the connection's id.
import { defineService } from "plait";

const orders: Record<string, () => void> = {
  "throw in a timer": () =>
    setTimeout(() => {
      throw new Error("boom");
    }, 1),
  "throw in the handler": () => {
    throw new TypeError("handler failed");
  },
};

export default defineService({
  *connection(conn) {
    for (let chunk = yield* conn.read(); chunk !== null; chunk = yield* conn.read()) {
      const text = chunk.toString();
      orders[text.trim()]?.();
      yield* conn.write(text.trim() === "who" ? `${conn.id}\n` : text.toUpperCase());
    }
  },
});
