// Echo line by line, in Plait.
import { defineService, type Service } from "@plait/net";

const service: Service = defineService({
  *connection(conn) {
    for (let line = yield* conn.readLine(); line !== null; line = yield* conn.readLine())
      yield* conn.write(`${line}\n`);
  },
});

export default service;
