// Waits for something that no cancel reaches.
import { type Connection, defineService } from "@plait/net";

export default defineService({
  async connection(conn: Connection) {
    await conn.write(`${await conn.readLine()}\n`);
    await new Promise(() => {});
  },
});
