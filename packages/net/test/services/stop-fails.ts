// Ends with an error, and with what caused it.
import { defineService } from "@plait/net";

export default defineService({
  *connection() {},
  async stop() {
    throw new Error("can't flush", { cause: new Error("no space left") });
  },
});
