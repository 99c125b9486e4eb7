// Every way to write an address, and every way to get it wrong.
import { expect, test } from "vitest";
import { parseListen } from "../src/listen.ts";

function listeners(value: unknown) {
  const result = parseListen(value, "/etc/shop", []);
  return "listeners" in result ? result.listeners : result.problems.map((problem) => problem.text);
}

const tcp = { kind: "tcp", backlog: 4096, ipv6Only: false };

test.each<[unknown, object]>([
  ["127.0.0.1:8080", { ...tcp, name: "127.0.0.1:8080", host: "127.0.0.1", port: 8080 }],
  ["localhost:0", { ...tcp, name: "localhost:0", host: "localhost", port: 0 }],
  [":8080", { ...tcp, name: ":8080", host: undefined, port: 8080 }],
  ["*:8080", { ...tcp, name: "*:8080", host: undefined, port: 8080 }],
  ["[::1]:80", { ...tcp, name: "[::1]:80", host: "::1", port: 80 }],
  [{ port: 80 }, { ...tcp, name: ":80", host: undefined, port: 80 }],
  [
    { host: "::1", port: 80, ipv6Only: true, backlog: 9 },
    { ...tcp, name: "[::1]:80", host: "::1", port: 80, ipv6Only: true, backlog: 9 },
  ],
  ["/run/x.sock", { kind: "unix", name: "/run/x.sock", path: "/run/x.sock", mode: undefined, backlog: 4096 }],
  ["./x.sock", { kind: "unix", name: "./x.sock", path: "/etc/shop/x.sock", mode: undefined, backlog: 4096 }],
  [
    { path: "x.sock", mode: "0660" },
    { kind: "unix", name: "x.sock", path: "/etc/shop/x.sock", mode: 0o660, backlog: 4096 },
  ],
  ["inherit:3", { kind: "inherit", name: "inherit:3", descriptor: 3 }],
  [{ inherit: "http" }, { kind: "inherit", name: "inherit:http", descriptor: "http" }],
])("%j is one listener", (written, listener) => {
  expect(listeners(written)).toEqual([{ ...listener, options: {} }]);
});

test("several listeners stand in a list, or have names", () => {
  expect(listeners([":1", { port: 2 }])).toMatchObject([{ name: ":1" }, { name: ":2" }]);
  expect(listeners({ public: ":1", admin: { path: "/run/admin.sock" } })).toMatchObject([
    { name: "public", kind: "tcp" },
    { name: "admin", kind: "unix" },
  ]);
});

test.each<[unknown, string]>([
  ["8080", 'listen is "8080"; write ":8080" for every address of the machine, or "127.0.0.1:8080".'],
  ["::1:80", 'An IPv6 address goes in brackets: "[::1]:8080".'],
  ["host:99999", "a port is at most 65535."],
  ["host:http", "write an address such as"],
  ["", "write an address such as"],
  [8080, "listen is 8080; write an address such as"],
  [[], "listen is empty"],
  [{}, "listen is empty"],
  [[":1", ":1"], "listen has :1 twice"],
  [[":1", 2], "listen[1] is 2"],
  [{ prt: 80 }, 'listen has no key "prt". Did you mean "port"?'],
  [{ host: "x" }, "listen.port is missing; write a whole number from 0 to 65535"],
  [{ port: -1 }, "listen.port is -1"],
  [{ main: { port: 1, backlog: 0 } }, "listen.main.backlog is 0"],
  [{ path: "/x", mode: "0999" }, 'listen.mode is "0999"; write permission bits, for example "0660".'],
  [{ port: 1, timeouts: { idle: 0 } }, "listen.timeouts.idle is 0; write a duration of at least 1ms"],
  [{ port: 1, timeouts: { write: "0s" } }, 'listen.timeouts.write is "0s"; write a duration of at least 1ms'],
  [{ port: 1, watermarks: { low: "128KiB", high: "64KiB" } }, 'listen.watermarks.low is "128KiB"; write no more than'],
  [{ port: 1, keepAlive: 0 }, "listen.keepAlive is 0; write a duration of at least 1ms"],
  [{ port: 1, keepAlive: true }, "listen.keepAlive is true; write a duration of at least 1ms"],
  [{ path: "/x", noDelay: false }, 'listen has no key "noDelay".'],
  [{ inherit: 1 }, "listen.inherit is 1; write a descriptor number of at least 3, or a name"],
])("%j is refused: %s", (written, text) => {
  expect(listeners(written).join(" ")).toContain(text);
});

test("a listener's options are checked, and come with absolute paths, milliseconds and bytes", () => {
  const written = {
    port: 1,
    tls: { cert: "tls/a.crt", key: "/tls/a.key", names: { "b.test": { cert: "b.crt", key: "b.key" } } },
    proxy: { mode: "require", trust: ["10.0.0.0/8"] },
    limits: { connections: 5, overload: "queue", minReadRate: { bytesPerSecond: 10, grace: "5s" } },
    timeouts: { idle: "1m", linger: 0 },
    watermarks: { low: "1KiB", high: "4KiB" },
    noDelay: false,
    keepAlive: "5m",
  };
  const [listener] = listeners(written) as { options: unknown }[];
  expect(listener?.options).toMatchObject({
    tls: { cert: expect.stringMatching(/^\/.*tls\/a\.crt$/), key: "/tls/a.key" },
    limits: { connections: 5, overload: "queue", minReadRate: { bytesPerSecond: 10, grace: 5000 } },
    timeouts: { idle: 60_000, linger: 0 },
    watermarks: { low: 1024, high: 4096 },
    noDelay: false,
    keepAlive: 300_000,
  });
});
