// Echo, in Plait, as an async function.
import { defineService, type Service } from "@plait/net";

const service: Service = defineService({
  async connection(conn) {
    for await (const chunk of conn) await conn.write(chunk);
  },
});

export default service;
