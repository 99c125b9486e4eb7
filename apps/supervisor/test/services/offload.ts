// Answers each chunk from the compute pool: the text in upper case, and whether another thread made it.
import { threadId } from "node:worker_threads";
import { defineService, defineTask, offload } from "plait";

export const shout = defineTask(import.meta.url, "shout", (text: string) => ({ text: text.toUpperCase(), threadId }));

export default defineService({
  *connection(conn) {
    for (let chunk = yield* conn.read(); chunk !== null; chunk = yield* conn.read()) {
      const answer = yield* offload(shout, [chunk.toString()]);
      yield* conn.write(`${answer.text} ${answer.threadId === threadId ? "here" : "elsewhere"}`);
    }
  },
});
