import { once } from "node:events";
import net from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openServiceHost } from "@plait/net";
import { expect, it } from "vitest";
import { eventually } from "./support/serving.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

it("an idle connection does not keep the socket it was accepted as", async () => {
  const host = await openServiceHost(new URL("services/echo-upper.ts", import.meta.url), { unit: "p1" });
  const accepted: WeakRef<net.Socket>[] = [];
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    accepted.push(new WeakRef(socket));
    void host.serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const clients: net.Socket[] = [];
  for (let i = 0; i < 20; i++) {
    const client = net.connect(port, "127.0.0.1");
    client.write("x");
    await once(client, "data");
    clients.push(client);
  }
  await eventually(() => {
    collectGarbage();
    return accepted.filter((socket) => socket.deref() !== undefined).length <= 1;
  });
  expect(host.connections).toBe(20);
  for (const client of clients) client.destroy();
  await host.idle();
  server.close();
});
