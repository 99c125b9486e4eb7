import { readdirSync } from "node:fs";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { Acceptor } from "../src/acceptor.ts";
import { ListeningSocket } from "../src/listening-socket.ts";
import { ask } from "./connecting.ts";

async function accepting(onConnection: (socket: Socket, acceptor: () => Acceptor) => void) {
  const socket = await ListeningSocket.bind({ kind: "tcp", host: "127.0.0.1", port: 0 });
  const acceptor: Acceptor = await Acceptor.listen(socket.handle, {
    attach: (server) => server.on("connection", (accepted) => onConnection(accepted, () => acceptor)),
    onError: () => {},
  });
  return { acceptor, port: socket.port ?? 0 };
}

test("while it is paused, connections wait in the kernel's queue, and none is refused", async () => {
  let accepted = 0;
  const { acceptor, port } = await accepting((socket) => {
    accepted++;
    socket.end("hi");
  });
  acceptor.pause();
  expect(acceptor.paused).toBe(true);
  const clients = Array.from({ length: 20 }, () => ask(port));
  // Turn the loop until a client that came before has surely been looked at.
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  expect(accepted).toBe(0);
  acceptor.resume();
  expect((await Promise.all(clients)).map((answer) => answer.outcome)).toEqual(Array(20).fill("served"));
  expect(accepted).toBe(20);
  acceptor.close();
});

test("it can be paused from inside an accept, and takes exactly one connection then", async () => {
  let accepted = 0;
  const held: Socket[] = [];
  const first = Promise.withResolvers<void>();
  const { acceptor, port } = await accepting((socket, self) => {
    accepted++;
    held.push(socket);
    self().pause();
    first.resolve();
  });
  const clients = Array.from({ length: 10 }, () => ask(port));
  await first.promise;
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  expect(accepted).toBe(1);
  while (held.length > 0) {
    held.shift()?.end("hi");
    acceptor.resume();
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  }
  expect((await Promise.all(clients)).every((answer) => answer.outcome === "served")).toBe(true);
  acceptor.close();
});

test("pausing and resuming many times leaks no descriptor, and close works while paused", async () => {
  const { acceptor, port } = await accepting((socket) => socket.end("hi"));
  const cycle = async (times: number) => {
    for (let i = 0; i < times; i++) {
      acceptor.pause();
      acceptor.resume();
    }
    await ask(port);
  };
  await cycle(50);
  const before = readdirSync("/proc/self/fd").length;
  await cycle(500);
  expect(readdirSync("/proc/self/fd").length).toBeLessThan(before + 10);
  acceptor.pause();
  acceptor.close();
  expect((await ask(port)).outcome).toBe("refused");
});
