// Says what the handshake and the PROXY header told, then echoes.
import { defineService } from "@plait/net";

export default defineService({
  *connection(conn) {
    const { tls, proxy } = conn;
    const told = {
      alpn: tls?.alpn,
      serverName: tls?.serverName,
      authorized: tls?.authorized,
      client: tls?.peerCertificate?.subject.CN,
      resumed: tls?.resumed,
      proxy: proxy?.version,
      remote: conn.remote.address,
    };
    yield* conn.write(`${JSON.stringify(told)}\n`);
    for (let chunk = yield* conn.read(); chunk !== null; chunk = yield* conn.read()) yield* conn.write(chunk);
  },
});
