// A server that gives what it accepts as descriptors.
import { once } from "node:events";
import net from "node:net";
import { expect, it } from "vitest";
import { acceptFrom, type Incoming } from "../src/incoming.ts";

async function accepting(accepted: (incoming: Incoming) => void): Promise<net.Server> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  acceptFrom(server, accepted);
  return server;
}

function client(server: net.Server): net.Socket {
  return net.connect((server.address() as net.AddressInfo).port, "127.0.0.1").on("error", () => {});
}

// These fail when Node changes what acceptHandles rests on.
it("a connection comes without a socket, which is made for who asks, and knows its peer either way", async () => {
  const arrived = Promise.withResolvers<Incoming>();
  const server = await accepting(arrived.resolve);
  const peer = client(server);
  await once(peer, "connect");
  const incoming = await arrived.promise;
  expect(incoming.made).toBeUndefined();
  const remote = { address: "127.0.0.1", port: peer.localPort, family: "IPv4" };
  expect(incoming.remote).toEqual(remote);
  const { socket } = incoming;
  expect([incoming.made, incoming.socket]).toEqual([socket, socket]);
  expect(incoming.remote).toEqual(remote);
  socket.end("hello");
  expect(String((await once(peer, "data"))[0])).toBe("hello");
  peer.end();
  server.close();
});

it("a failed accept is the server's error, as without", async () => {
  const server = await accepting(() => {});
  const failed = once(server, "error");
  const { _handle } = server as unknown as { _handle: { onconnection(error: number): void } };
  // EMFILE
  _handle.onconnection(-24);
  expect(await failed).toMatchObject([{ code: "EMFILE", syscall: "accept" }]);
  server.close();
});
