// A key-value store that speaks lines: SET key value, GET key, DEL key, KEYS, QUIT.
import { defineService } from "@plait/net";

const store = new Map<string, string>();

const commands: Record<string, (key: string, value: string) => string> = {
  SET(key, value) {
    store.set(key, value);
    return "+OK";
  },
  GET: (key) => (store.has(key) ? `$${store.get(key)}` : "-missing"),
  DEL: (key) => (store.delete(key) ? ":1" : ":0"),
  KEYS: () => `*${[...store.keys()].join(" ")}`,
};

export default defineService({
  *connection(conn) {
    for (let line = yield* conn.readLine(); line !== null; line = yield* conn.readLine()) {
      const [, name = "", key = "", value = ""] = /^(\S*) ?(\S*) ?(.*)$/.exec(line) ?? [];
      const command = name.toUpperCase();
      if (command === "QUIT") return;
      const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
      // Answers to pipelined commands leave together, in one system call.
      yield* conn.write(`${run?.(key, value) ?? `-unknown command ${name}`}\n`);
    }
  },
});
