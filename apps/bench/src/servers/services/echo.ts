// Echo, in Plait.
import { defineService, type Service } from "@plait/net";

const service: Service = defineService({
  *connection(conn) {
    for (let chunk = yield* conn.read(); chunk !== null; chunk = yield* conn.read()) yield* conn.write(chunk);
  },
});

export default service;
