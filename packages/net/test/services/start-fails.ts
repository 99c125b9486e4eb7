// A service whose start fails.
import { defineService } from "@plait/net";

export default defineService({
  *start() {
    throw new Error("port 5432 refused");
  },
  connection() {},
});
