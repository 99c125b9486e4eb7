// What a listener does with its connections before and while they are served: TLS, PROXY headers, limits, deadlines.
import { isAbsolute, resolve } from "node:path";
import { z } from "zod";
import type { CertificateConfig, ListenerOptionsConfig } from "./deployment.ts";
import { durationExpects, durationSchema, positiveDurationExpects, positiveDurationSchema } from "./duration-schema.ts";
import { key } from "./key.ts";
import { sizeExpects, sizeSchema } from "./size-schema.ts";

const count = z.int().min(1);

const certificate = {
  cert: key(z.string().min(1), {
    description: "Certificate with its chain, in PEM: a path relative to the configuration.",
    expects: "a path",
    example: "./tls/server.crt",
    apply: "roll",
  }),
  key: key(z.string().min(1), {
    description: "The certificate's key, in PEM.",
    expects: "a path",
    example: "./tls/server.key",
    apply: "roll",
  }),
  passphrase: key(z.string().optional(), {
    description: "Passphrase of the key.",
    expects: "a string",
    example: "secret",
    apply: "roll",
  }),
};

const tls = z.strictObject({
  ...certificate,
  names: key(z.record(z.string(), z.strictObject(certificate)).optional(), {
    description:
      "Certificates by the name that the client asks for (SNI); `*.example.com` stands for one label. Other names get the one above.",
    expects: "an object of certificates by name",
    example: { "example.com": { cert: "./tls/example.crt", key: "./tls/example.key" } },
    apply: "roll",
  }),
  alpn: key(z.array(z.string().min(1)).min(1).optional(), {
    description: "Protocols offered through ALPN, best first. A client that offers none of them is refused.",
    expects: "a list of protocol names",
    example: ["echo/1"],
    apply: "roll",
  }),
  ca: key(z.string().min(1).optional(), {
    description: "Authorities that client certificates are checked against, in PEM.",
    expects: "a path",
    example: "./tls/clients.crt",
    apply: "roll",
  }),
  clientCertificate: key(z.enum(["ignore", "request", "require"]).optional(), {
    description:
      "Whether a client shows a certificate: never, if it likes, or only with a valid one. Default `ignore`.",
    expects: '"ignore", "request" or "require"',
    example: "require",
    apply: "roll",
  }),
  minVersion: key(z.enum(["TLSv1.2", "TLSv1.3"]).optional(), {
    description: "Oldest version that is spoken. Default `TLSv1.2`.",
    expects: '"TLSv1.2" or "TLSv1.3"',
    example: "TLSv1.3",
    apply: "roll",
  }),
});

const proxy = z.strictObject({
  mode: key(z.enum(["require", "accept"]), {
    description:
      "`require`: a peer that may not, or does not, send a PROXY header is refused. `accept`: it is served under its own address.",
    expects: '"require" or "accept"',
    example: "require",
    apply: "roll",
  }),
  trust: key(z.array(z.string().min(1)).min(1), {
    description: 'Peers that may send a header: addresses, networks, and `"unix"` for unix sockets.',
    expects: "a list of addresses and networks",
    example: ["10.0.0.0/8", "::1"],
    apply: "roll",
  }),
});

const limits = z.strictObject({
  connections: key(count.optional(), {
    description: "Connections of one process at a time.",
    expects: "a whole number of at least 1",
    example: 5000,
    apply: "live",
  }),
  perAddress: key(
    z
      .strictObject({
        max: count,
        prefix4: z.int().min(0).max(32).optional(),
        prefix6: z.int().min(0).max(128).optional(),
      })
      .optional(),
    {
      description:
        "Connections of one process from one network at a time: `max`, and how many leading bits make a network (`prefix4`, default 32; `prefix6`, default 64). Counted are those that came while it was set.",
      expects: "an object of max, prefix4 and prefix6",
      example: { max: 20 },
      apply: "live",
    },
  ),
  acceptRate: key(z.strictObject({ perSecond: z.number().positive(), burst: count.optional() }).optional(), {
    description: "New connections a second that one process serves, with a burst that may come at once.",
    expects: "an object of perSecond and burst",
    example: { perSecond: 200, burst: 500 },
    apply: "live",
  }),
  minReadRate: key(
    z.strictObject({ bytesPerSecond: z.number().positive(), grace: positiveDurationSchema }).optional(),
    {
      description:
        "The least a peer has to send while a line, block or frame is partly there, measured over `grace`. For a plain `read` nothing ever is: use `timeouts.lifetime` there.",
      expects: "an object of bytesPerSecond and grace",
      example: { bytesPerSecond: 100, grace: "10s" },
      apply: "live",
    },
  ),
  overload: key(z.union([z.enum(["queue", "close", "reset"]), z.strictObject({ farewell: z.string() })]).optional(), {
    description:
      "What happens above a limit: `queue` leaves connections in the kernel's queue (for `connections` only; others are closed), `close` ends them in order, `reset` cuts them off, `{ farewell }` sends a last message, but with `tls` only ends them. Default `close`.",
    expects: '"queue", "close", "reset" or { farewell: "…" }',
    example: "queue",
    apply: "live",
  }),
});

const deadline = (description: string) =>
  key(positiveDurationSchema.optional(), {
    description,
    expects: positiveDurationExpects,
    example: "30s",
    apply: "roll",
  });

const timeouts = z.strictObject({
  handshake: deadline("From accept to the end of the PROXY header and the TLS handshake. Default `10s`."),
  idle: deadline("Without a byte in either direction. Default: never."),
  read: deadline("One read, until what it asks for is there. Default: never."),
  write: deadline("With bytes waiting and the peer taking none of them. Default `30s`."),
  lifetime: deadline("The whole life of a connection. Default: never."),
  linger: key(durationSchema.optional(), {
    description: "After a close, for the peer to end its side; 0 does not wait. Default `2s`.",
    expects: durationExpects,
    example: "2s",
    apply: "roll",
  }),
});

const watermarks = z.strictObject({ low: sizeSchema, high: sizeSchema }).refine(({ low, high }) => low <= high, {
  path: ["low"],
  message: "write no more than `high`, or a write that waited would never go on",
});

const tcp = z.object({
  noDelay: key(z.boolean().optional(), {
    description:
      "Send small packets at once (TCP_NODELAY), which is what answers want. `false` lets the kernel collect them while an earlier one is under way. Default `true`.",
    expects: "true or false",
    example: false,
    apply: "roll",
  }),
  keepAlive: key(z.union([z.literal(false), positiveDurationSchema]).optional(), {
    description:
      "Idle this long, a peer is probed by the kernel, and its connection ends with a reset when ten probes, a second apart, get no answer: so one that lost its power or its network is not served for ever. `false`: never probed. Default `60s`.",
    expects: `${positiveDurationExpects}, or false`,
    example: "5m",
    apply: "roll",
  }),
});

/** The keys that only a listener for TCP has. */
export const tcpKeys: Readonly<Record<string, z.ZodType>> = tcp.shape;

const options = z.object({
  accept: key(z.enum(["handoff", "direct"]).optional(), {
    description:
      "Who accepts where a process has threads. `handoff`: the process does, and hands each connection to the thread that `placement` picks; a thread that is busy delays nobody else. `direct`: every thread does for itself, and the kernel spreads the connections; that saves the way through the process, for storms of short connections. Default `handoff`, and `direct` for a unix socket, whose connections can't be handed over. Without threads it changes nothing.",
    expects: '"handoff" or "direct"',
    example: "direct",
    apply: "roll",
  }),
  tls: key(tls.optional(), {
    description: "Speak TLS. It runs in the thread that serves the connection.",
    expects: "an object of cert, key and more",
    example: { cert: "./tls/server.crt", key: "./tls/server.key" },
    apply: "roll",
  }),
  proxy: key(proxy.optional(), {
    description: "Read PROXY protocol headers, version 1 and 2.",
    expects: "an object of mode and trust",
    example: { mode: "require", trust: ["10.0.0.0/8"] },
    apply: "roll",
  }),
  limits: key(limits.optional(), {
    description: "How much the listener takes, and what happens above it.",
    expects: "an object of connections, perAddress, acceptRate, minReadRate and overload",
    example: { connections: 5000, overload: "queue" },
    apply: "live",
  }),
  timeouts: key(timeouts.optional(), {
    description: "How long a peer may take.",
    expects: "an object of handshake, idle, read, write, lifetime and linger",
    example: { idle: "60s" },
    apply: "roll",
  }),
  watermarks: key(watermarks.optional(), {
    description:
      "Bytes that may wait for a peer: a write waits from `high` on, and goes on at `low`. Default 16 KiB and 64 KiB.",
    expects: "an object of low and high, low at most high",
    example: { low: "16KiB", high: "64KiB" },
    apply: "roll",
  }),
  readAhead: key(sizeSchema.optional(), {
    description: "Unread bytes at which a peer is held back. Default 64 KiB.",
    expects: sizeExpects,
    example: "64KiB",
    apply: "roll",
  }),
});

/** The keys that every object form of a listener has. */
export const optionKeys: Readonly<Record<string, z.ZodType>> = options.shape;

/** What {@link optionKeys} come to: paths absolute, durations in milliseconds, sizes in bytes. */
export function listenerOptions(value: object, folder: string): ListenerOptionsConfig {
  const { tls, ...rest } = options.extend(tcp.shape).parse(value);
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(folder, path));
  const located = (files: CertificateConfig): CertificateConfig => ({
    ...files,
    cert: absolute(files.cert),
    key: absolute(files.key),
  });
  if (!tls) return rest;
  const { names = {}, ca, ...own } = tls;
  return {
    ...rest,
    tls: {
      ...own,
      ...located(own),
      names: Object.fromEntries(Object.entries(names).map(([name, files]) => [name, located(files)])),
      ca: ca === undefined ? undefined : absolute(ca),
    },
  };
}
