// A service whose units count, and answer to each other and to the supervisor.
import { defineService, remote } from "plait";

let unit = "";
let lines = 0;

const methods = {
  count: () => `${unit}=${lines}`,
  add: (a: number, b: number) => a + b,
  fail() {
    throw Object.assign(new RangeError("sold out"), { code: "ERR_STOCK" });
  },
  nothing() {},
  forever: () => new Promise<void>(() => {}),
  async *firstOnly() {
    yield 1;
    await methods.forever();
  },
  async *upTo(count: number) {
    for (let n = 0; n < count; n++) yield n;
  },
};

export default defineService({
  start: (context) => {
    unit = context.unit;
  },
  /** Answers each line with what every unit of the process has counted so far. */
  *connection(conn) {
    while ((yield* conn.readLine()) !== null) {
      lines++;
      const counts: string[] = [];
      for (const each of yield* remote.units()) {
        counts.push(yield* remote<{ methods: typeof methods }>(each, { timeout: 5_000 }).count());
      }
      yield* conn.write(`${counts.join(" ")}\n`);
    }
  },
  methods,
});
