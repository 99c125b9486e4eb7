// Lends each connection to the test, until it is over.
import { type Connection, defineService } from "@plait/net";

export const borrowers: ((conn: Connection) => void)[] = [];

export default defineService({
  async connection(conn) {
    borrowers.shift()?.(conn);
    const { signal } = conn;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  },
});
