// Reads the `listen` key: addresses as people write them become listeners.
import { isAbsolute, resolve } from "node:path";
import { z } from "zod";
import type { ConfigProblem } from "./config-error.ts";
import type { ListenerConfig, ListenerOptionsConfig } from "./deployment.ts";
import { key } from "./key.ts";
import { listenerOptions, optionKeys, tcpKeys } from "./listener-options.ts";
import { problemsOf, showPath, showValue } from "./problems.ts";

const defaultBacklog = 4096;
const advice = 'write an address such as "127.0.0.1:8080", ":8080", "[::1]:8080" or "/run/echo.sock"';

const backlog = key(z.int().min(1).max(65_535).prefault(defaultBacklog), {
  description: "Connections that the kernel keeps until they are accepted; it caps them at net.core.somaxconn.",
  expects: "a whole number from 1 to 65535",
  example: defaultBacklog,
  apply: "roll",
});

const forms = {
  tcp: z.strictObject({
    host: key(z.string().min(1).optional(), {
      description: "Address or host name to bind. Left out: every address of the machine.",
      expects: "an address or a host name",
      example: "127.0.0.1",
      apply: "roll",
    }),
    port: key(z.int().min(0).max(65_535), {
      description: "Port to bind; 0 lets the system choose one.",
      expects: "a whole number from 0 to 65535",
      example: 8080,
      apply: "roll",
    }),
    backlog,
    ipv6Only: key(z.boolean().prefault(false), {
      description: "Do not also take IPv4 connections where the host means both.",
      expects: "true or false",
      example: true,
      apply: "roll",
    }),
    ...tcpKeys,
    ...optionKeys,
  }),
  unix: z.strictObject({
    path: key(z.string().min(1), {
      description: "Path of the socket file, relative to the configuration.",
      expects: "a path",
      example: "/run/echo.sock",
      apply: "roll",
    }),
    mode: key(z.union([z.int().min(0).max(0o777), z.string().regex(/^0?[0-7]{3}$/)]).optional(), {
      description: "Permissions of the socket file. Left out: what the umask leaves.",
      expects: "permission bits",
      example: "0660",
      apply: "roll",
    }),
    backlog,
    ...optionKeys,
  }),
  inherit: z.strictObject({
    inherit: key(z.union([z.int().min(3), z.string().min(1)]), {
      description: "A socket that systemd passed: its descriptor number, or its name in LISTEN_FDNAMES.",
      expects: "a descriptor number of at least 3, or a name",
      example: "http",
      apply: "roll",
    }),
    ...tcpKeys,
    ...optionKeys,
  }),
};

/** The three forms of a listener, as objects. */
export const listenForms: Readonly<Record<"tcp" | "unix" | "inherit", z.ZodObject>> = forms;

const one = z.union([z.string(), forms.tcp, forms.unix, forms.inherit]);

/** The shape for editors (JSON Schema). Reading is done by {@link parseListen}, whose messages are better. */
export const listenShape: z.ZodType = z.union([one, z.array(one).min(1), z.record(z.string(), one)]);

export type Listened = { readonly listeners: ListenerConfig[] } | { readonly problems: ConfigProblem[] };

/**
 * The listeners that the value of a `listen` key describes.
 *
 * @param folder what a relative socket path is relative to
 * @param prefix where the service stands in the configuration
 */
export function parseListen(value: unknown, folder: string, prefix: readonly string[]): Listened {
  const problems: ConfigProblem[] = [];
  const listeners: ListenerConfig[] = [];

  const complain = (path: (string | number)[], text: string): void => {
    const key = showPath([...prefix, "listen", ...path]);
    problems.push({ key, text: `${key} ${text}` });
  };
  const read = (value: unknown, path: (string | number)[], name?: string): void => {
    const listener = typeof value === "string" ? parseAddress(value, folder) : readObject(value, path);
    if (typeof listener === "string") complain(path, listener);
    else if (listener) listeners.push({ ...listener, name: name ?? listener.name });
  };
  const readObject = (value: unknown, path: (string | number)[]): ListenerConfig | string | undefined => {
    if (!isObject(value)) return `is ${showValue(value)}; ${advice}.`;
    const form = formOf(value) ?? forms.tcp;
    const result = form.safeParse(value);
    if (result.success) return fromObject(value, folder);
    problems.push(...problemsOf(result.error, form, value, [...prefix, "listen", ...path]));
    return undefined;
  };

  if (Array.isArray(value)) {
    for (const [i, each] of value.entries()) read(each, [i]);
  } else if (isObject(value) && formOf(value) === undefined && Object.values(value).every(isListener)) {
    for (const [name, each] of Object.entries(value)) read(each, [name], name);
  } else {
    read(value, []);
  }
  if (problems.length === 0 && listeners.length === 0) complain([], `is empty; ${advice}.`);
  const names = listeners.map((listener) => listener.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    complain([], `has ${twice} twice; write it once, or give both a name: { a: …, b: … }.`);
  }
  return problems.length > 0 ? { problems } : { listeners };
}

/** One listener from its written form, or what to write instead. */
export function parseAddress(text: string, folder: string): ListenerConfig | string {
  const shown = JSON.stringify(text);
  const inherited = /^inherit:(.+)$/.exec(text)?.[1];
  if (inherited !== undefined) {
    const descriptor = /^\d+$/.test(inherited) ? Number(inherited) : inherited;
    return { kind: "inherit", name: text, descriptor, options: {} };
  }
  if (text.includes("/")) return unix(text, folder, undefined, defaultBacklog, {});
  if (/^\d+$/.test(text))
    return `is ${shown}; write ":${text}" for every address of the machine, or "127.0.0.1:${text}".`;
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d+)$/.exec(text) ?? [];
  if (port === undefined) {
    const hint =
      text.split(":").length > 2 && !text.includes("[") ? ' An IPv6 address goes in brackets: "[::1]:8080".' : "";
    return `is ${shown}; ${advice}.${hint}`;
  }
  if (Number(port) > 65_535) return `is ${shown}; a port is at most 65535.`;
  const host = bracketed ?? (plain === "" || plain === "*" ? undefined : plain);
  return { kind: "tcp", name: text, host, port: Number(port), backlog: defaultBacklog, ipv6Only: false, options: {} };
}

function fromObject(value: object, folder: string): ListenerConfig {
  const options = listenerOptions(value, folder);
  if ("inherit" in value) {
    const { inherit } = forms.inherit.parse(value);
    return { kind: "inherit", name: `inherit:${inherit}`, descriptor: inherit, options };
  }
  if ("path" in value) {
    const { path, mode, backlog } = forms.unix.parse(value);
    return unix(path, folder, typeof mode === "string" ? Number.parseInt(mode, 8) : mode, backlog, options);
  }
  const { host, port, backlog, ipv6Only } = forms.tcp.parse(value);
  const name = `${host?.includes(":") ? `[${host}]` : (host ?? "")}:${port}`;
  return { kind: "tcp", name, host, port, backlog, ipv6Only, options };
}

function unix(
  path: string,
  folder: string,
  mode: number | undefined,
  backlog: number,
  options: ListenerOptionsConfig,
): ListenerConfig {
  return { kind: "unix", name: path, path: isAbsolute(path) ? path : resolve(folder, path), mode, backlog, options };
}

function formOf(value: object): z.ZodObject | undefined {
  if ("inherit" in value) return forms.inherit;
  if ("path" in value) return forms.unix;
  if ("port" in value || "host" in value) return forms.tcp;
  return undefined;
}

function isListener(value: unknown): boolean {
  return typeof value === "string" || isObject(value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
