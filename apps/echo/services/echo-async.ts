// The same service as `echo.ts`, written with async and await.
import { defineService } from "plait";
import { upperCase } from "./upper-case.ts";

export default defineService({
  async connection(conn) {
    for await (const chunk of conn) await conn.write(upperCase(chunk));
  },
});
