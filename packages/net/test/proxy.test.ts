import { once } from "node:events";
import { ByteQueue, ProxyHeaderError } from "@plait/net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseProxyHeader } from "../src/proxy/parse.ts";
import { type Running, readAll, serve } from "./support/serving.ts";

const V2 = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
const v2 = (command: number, family: number, body: Buffer) => {
  const size = Buffer.alloc(2);
  size.writeUInt16BE(body.length);
  return Buffer.concat([V2, Buffer.from([command, family]), size, body]);
};
const ipv4Body = Buffer.from([10, 1, 2, 3, 192, 168, 0, 1, 0x1f, 0x90, 0x01, 0xbb]);

function parse(bytes: Buffer, split = bytes.length) {
  const queue = new ByteQueue();
  for (let at = 0; at < bytes.length; at += split) {
    queue.append(bytes.subarray(at, at + split));
    const parsed = parseProxyHeader(queue);
    if (parsed.kind === "header")
      return { ...parsed.header, rest: queue.length + bytes.length - Math.min(at + split, bytes.length) };
    if (parsed.kind === "none") return "none";
  }
  return "more";
}

const client = { address: "10.1.2.3", port: 8080, family: "IPv4" };

describe("a PROXY header", () => {
  const v6 = Buffer.concat([
    Buffer.alloc(15),
    Buffer.of(1),
    Buffer.from("20010db8000000000000000000000001", "hex"),
    ipv4Body.subarray(8),
  ]);
  const headers: [string, Buffer, object][] = [
    ["v1 TCP4", Buffer.from("PROXY TCP4 10.1.2.3 192.168.0.1 8080 443\r\n"), { version: 1, source: client }],
    ["v1 TCP6", Buffer.from("PROXY TCP6 ::1 2001:db8::1 8080 443\r\n"), { source: { address: "::1", family: "IPv6" } }],
    ["v1 UNKNOWN", Buffer.from("PROXY UNKNOWN whatever it says\r\n"), { source: undefined }],
    ["v2 IPv4", v2(0x21, 0x11, ipv4Body), { version: 2, local: false, source: client, destination: { port: 443 } }],
    ["v2 IPv6", v2(0x21, 0x21, v6), { source: { address: "::1" }, destination: { address: "2001:db8::1", port: 443 } }],
    ["v2 with extensions", v2(0x21, 0x11, Buffer.concat([ipv4Body, Buffer.from([4, 0, 1, 9])])), { source: client }],
    ["v2 LOCAL", v2(0x20, 0, Buffer.alloc(0)), { local: true, source: undefined }],
    ["v2 over a unix socket", v2(0x21, 0x31, Buffer.alloc(216)), { local: false, source: undefined }],
  ];

  it.each(headers)("%s is understood however it is split, and leaves what follows", (_name, header, expected) => {
    const stream = Buffer.concat([header, Buffer.from("hello")]);
    for (let split = 1; split <= stream.length; split++)
      expect(parse(stream, split)).toMatchObject({ ...expected, rest: 5 });
  });

  it.each([
    ["a line that never ends", `PROXY TCP4 ${"1".repeat(200)}`],
    ["an address that is none", "PROXY TCP4 10.1.2.300 192.168.0.1 8080 443\r\n"],
    ["an address of the other family", "PROXY TCP6 10.1.2.3 192.168.0.1 8080 443\r\n"],
    ["a port out of range", "PROXY TCP4 10.1.2.3 192.168.0.1 65536 443\r\n"],
    ["a port with a leading zero", "PROXY TCP4 10.1.2.3 192.168.0.1 080 443\r\n"],
    ["something behind the ports", "PROXY TCP4 10.1.2.3 192.168.0.1 80 443 x\r\n"],
    ["another protocol", "PROXY UDP4 10.1.2.3 192.168.0.1 80 443\r\n"],
  ])("%s is refused", (_name, header) => {
    expect(() => parse(Buffer.from(header))).toThrow(ProxyHeaderError);
  });

  it.each([
    ["version 3", v2(0x31, 0x11, ipv4Body)],
    ["command 2", v2(0x22, 0x11, ipv4Body)],
    ["addresses cut short", v2(0x21, 0x11, ipv4Body.subarray(4))],
    ["more than 4096 bytes", v2(0x21, 0x11, Buffer.alloc(5000))],
  ])("v2 with %s is refused", (_name, header) => {
    expect(() => parse(header)).toThrow(ProxyHeaderError);
  });

  it("garbage is none, more, a header or an error, and never anything else", () => {
    const start = fc.constantFrom(
      Buffer.alloc(0),
      Buffer.from("PROXY "),
      Buffer.from("PROXY TCP4 "),
      V2,
      Buffer.concat([V2, Buffer.of(0x21, 0x11)]),
    );
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (head, tail, split) => {
        try {
          parse(Buffer.concat([head, tail]), split);
        } catch (error) {
          expect(error).toBeInstanceOf(ProxyHeaderError);
        }
      }),
    );
  });
});

describe("a listener behind a proxy", () => {
  const header = "PROXY TCP4 10.1.2.3 192.168.0.1 8080 443\r\n";
  const listen = (mode: "require" | "accept", trust: string[], service = "describe-tls.ts") =>
    serve(service, { listeners: { main: { proxy: { mode, trust }, timeouts: { handshake: 100 } } } });

  async function say(running: Running, ...pieces: string[]) {
    const socket = await running.connect({ allowHalfOpen: true });
    socket.setNoDelay(true);
    for (const piece of pieces) {
      socket.write(piece);
      await new Promise(setImmediate);
    }
    socket.end();
    const text = await readAll(socket);
    const told = text.slice(0, text.indexOf("\n") + 1);
    return { text, told, echoed: text.slice(told.length) };
  }

  it("shows the client the header names, and leaves the bytes behind it", async () => {
    await using running = await listen("require", ["127.0.0.0/8"]);
    for (const pieces of [[`${header}hello`], [...header, "hel", "lo"]]) {
      const { told, echoed } = await say(running, ...pieces);
      expect(JSON.parse(told)).toMatchObject({ proxy: 1, remote: "10.1.2.3" });
      expect(echoed).toBe("hello");
    }
    expect(running.host.outcomes.served).toBe(2);
  });

  it("refuses a trusted peer without a header where it is required, and any other peer", async () => {
    await using required = await listen("require", ["127.0.0.1"]);
    expect((await say(required, "hello")).told).toBe("");
    await using strangers = await listen("require", ["10.0.0.0/8"]);
    expect((await say(strangers, `${header}hello`)).told).toBe("");
    expect([await required.outcomes[0], await strangers.outcomes[0]]).toEqual(["invalid", "invalid"]);
  });

  it("serves a peer without a header under its own address where one is optional", async () => {
    await using running = await listen("accept", ["127.0.0.1"]);
    const { told, echoed } = await say(running, "hello");
    expect(JSON.parse(told)).toMatchObject({ remote: "127.0.0.1" });
    expect(echoed).toBe("hello");
  });

  it.each(["", "P", "\r\n", "hello"])("serves a peer that sends %j instead of a header, and ends", async (sent) => {
    await using running = await listen("accept", ["127.0.0.1"]);
    const { told, echoed } = await say(running, sent);
    expect(JSON.parse(told)).toMatchObject({ remote: "127.0.0.1" });
    expect(echoed).toBe(sent);
    await using hosted = await listen("accept", ["127.0.0.1"], "net.ts");
    expect((await say(hosted, sent)).text).toBe(sent);
    expect([await running.outcomes[0], await hosted.outcomes[0]]).toEqual(["served", "served"]);
  });

  it("serves a peer that waits to be spoken to where a header is optional, once the time for one is over", async () => {
    await using running = await listen("accept", ["127.0.0.1"]);
    const socket = await running.connect();
    const [greeting] = await once(socket, "data");
    expect(JSON.parse(greeting)).toMatchObject({ remote: "127.0.0.1" });
    socket.end();
    expect(await running.outcomes[0]).toBe("served");
    await using hosted = await listen("accept", ["127.0.0.1"], "net.ts");
    const late = await hosted.connect();
    await new Promise((resolve) => setTimeout(resolve, 150));
    late.write("late");
    expect(String((await once(late, "data"))[0])).toBe("late");
    late.end();
    expect(await hosted.outcomes[0]).toBe("served");
  });

  it("leaves a header of a peer that is not trusted to the service", async () => {
    await using running = await listen("accept", ["10.0.0.0/8"]);
    const { told, echoed } = await say(running, header);
    expect(JSON.parse(told)).toMatchObject({ remote: "127.0.0.1" });
    expect(echoed).toBe(header);
  });

  it("cuts off a peer that does not send it in time", async () => {
    await using running = await listen("require", ["127.0.0.1"]);
    const socket = await running.connect();
    socket.write("PROX");
    await once(socket, "close");
    expect(await running.outcomes[0]).toBe("timeout");
  });

  it.each(["10.0.0.0/33", "example.com", "::1/129", "10.0.0.0/8/9", ""])(
    "does not take %j for a network",
    async (entry) => {
      await expect(listen("accept", [entry])).rejects.toThrow(RangeError);
    },
  );
});
