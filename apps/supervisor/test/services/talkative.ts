// Writes what a client tells it to, or dies in the middle of a line.
import { isMainThread } from "node:worker_threads";
import { defineService } from "plait";

const orders: Readonly<Record<string, (text: string, id: string) => void>> = {
  out: (text) => console.log(text),
  err: (text) => console.error(text),
  who: (_, id) => console.log(`${id} is here`),
  flood: (text) => {
    for (let line = 1; line <= Number(text); line++) console.log(`flood ${line}`);
  },
  die: () => {
    process.stdout.write("whole\nhal");
    if (isMainThread) process.kill(process.pid, "SIGKILL");
    else process.exit(3);
  },
};

export default defineService({
  *connection(conn) {
    for (let line = yield* conn.readLine(); line !== null; line = yield* conn.readLine()) {
      const [order = "", ...rest] = line.split(" ");
      orders[order]?.(rest.join(" "), conn.id);
      yield* conn.write(`${conn.id}\n`);
    }
  },
});
