// Answers every client in upper case. Each connection has a coroutine of its own.
import { defineService } from "plait";

export default defineService({
  async connection(conn) {
    // Ends when the client is done; others are served while this one waits.
    for await (const chunk of conn) await conn.write(chunk.toString().toUpperCase());
  },
});
