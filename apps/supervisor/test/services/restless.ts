// Serves, and ends its process a moment after it is ready, every time.
import { defineService } from "plait";

export default defineService({
  start: () => {
    setTimeout(() => process.kill(process.pid, "SIGKILL"), 20);
  },
  *connection() {},
});
