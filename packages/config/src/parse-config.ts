// Checks a configuration and completes it: an object as people write it becomes a Deployment.
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, extname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError, type ConfigProblem } from "./config-error.ts";
import type { ConfigInput } from "./define.ts";
import type { Deployment, HealthListener, ListenerConfig, ReadersSocket, ServiceConfig } from "./deployment.ts";
import type { CheckedDeployment } from "./deployment-schema.ts";
import { type EnvironmentOverride, readOverrides } from "./environment.ts";
import { schemaAt } from "./key.ts";
import { parseListen } from "./listen.ts";
import { didYouMean } from "./nearest-name.ts";
import { problemsOf, showPath, showValue } from "./problems.ts";
import { type CheckedService, serviceSchema, severalSchema, singleSchema } from "./schema.ts";

type WrittenReaders = NonNullable<CheckedDeployment["control"]["readers"]>;

export interface ParseOptions {
  /** The file that the configuration stands for: paths are relative to its folder. Default: the working directory. */
  readonly file?: string;
  /** Where overrides are looked up ({@link readOverrides}). Default: nowhere. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Values that win over everything, by key path, such as `{ "topology.processes": 4 }`. For the only service. */
  readonly set?: Readonly<Record<string, unknown>>;
}

/**
 * Checks `config`, fills in defaults and makes every path absolute.
 *
 * @throws {ConfigError} if it cannot be used; the message says what to write
 *
 * @example
 * ```ts
 * const deployment = parseConfig({ entry: "./echo.ts", topology: { processes: 2, threads: 2 } });
 * deployment.services[0].stop.drain; // => 20000
 * ```
 */
export function parseConfig(config: ConfigInput, options: ParseOptions = {}): Deployment {
  return parseUnknown(config, options);
}

/** {@link parseConfig} for a value of unknown shape, such as a file's content. */
export function parseUnknown(config: unknown, options: ParseOptions = {}): Deployment {
  const file = options.file === undefined ? undefined : resolve(options.file);
  const fail = (problems: ConfigProblem[]): never => {
    throw new ConfigError(problems, { file: file && showFile(file) });
  };
  if (!isObject(config)) {
    const text = `The configuration is ${showValue(config)}; write an object, for example { "entry": "./echo.ts" }.`;
    return fail([{ key: "", text }]);
  }

  const several = "services" in config;
  const names = several ? Object.keys(isObject(config.services) ? config.services : {}) : [nameOf(config)];
  const prefixOf = (name: string): string[] => (several ? ["services", name] : []);
  const overrides = readOverrides(options.env ?? {}, names);
  let written: unknown = config;
  for (const { service, path, value } of overrides) written = assign(written, [...prefixOf(service), ...path], value);
  for (const [key, value] of Object.entries(options.set ?? {})) {
    const [only, ...others] = names;
    if (only === undefined || others.length > 0) {
      const text = `${key} was given for one service, and there are ${names.length}; set it in the configuration.`;
      return fail([{ key, text }]);
    }
    written = assign(written, [...prefixOf(only), ...key.split(".")], value);
  }

  const strays = several ? Object.keys(config).filter((name) => isServiceKey(name)) : [];
  if (strays.length > 0) {
    const text = `${strays.join(", ")} cannot stand next to services; move it into the service that it is for.`;
    return fail([{ key: strays.join(", "), text }]);
  }
  const schema = several ? severalSchema : singleSchema;
  const result = schema.safeParse(written);
  if (!result.success) {
    return fail(problemsOf(result.error, schema, written).map((each) => blame(each, overrides, prefixOf)));
  }

  const folder = file === undefined ? process.cwd() : dirname(file);
  const { data } = result;
  const services = "entry" in data ? { [nameOf(data)]: serviceOf(data) } : data.services;
  const problems: ConfigProblem[] = [];
  const complete: ServiceConfig[] = [];
  for (const [name, service] of Object.entries(services)) {
    const result = completeService(name, service, folder, prefixOf(name));
    if ("problems" in result) problems.push(...result.problems);
    else complete.push(result);
  }
  const health = data.health && parseHealth(data.health.listen, folder);
  if (health && "problems" in health) problems.push(...health.problems);
  if (complete.length === 0 && problems.length === 0) {
    problems.push({
      key: "services",
      text: 'services is empty; write at least one, for example { echo: { entry: "./echo.ts" } }.',
    });
  }
  if (problems.length === 0) problems.push(...listenedTwice(complete));
  if (problems.length > 0) return fail(problems.map((each) => blame(each, overrides, prefixOf)));
  const name = "entry" in data ? nameOf(data) : (data.name ?? asName(basename(folder), "deployment"));
  return {
    name,
    file,
    services: complete,
    health: health && "listen" in health ? health : undefined,
    logs: { ...data.logs, ...(data.logs.file !== undefined && { file: resolve(folder, data.logs.file) }) },
    control: { ...(data.control.readers && { readers: completeReaders(data.control.readers, folder) }) },
    overrides,
  };
}

/** The keys of the only service, without those of the deployment that stand next to them. */
function serviceOf(data: CheckedService & CheckedDeployment & { readonly $schema?: unknown }): CheckedService {
  const { $schema: _, health: _health, logs: _logs, control: _control, ...service } = data;
  return service;
}

function completeReaders({ path, mode, ...rest }: WrittenReaders, folder: string): ReadersSocket {
  return { ...rest, path: resolve(folder, path), mode: typeof mode === "string" ? Number.parseInt(mode, 8) : mode };
}

function parseHealth(
  written: string,
  folder: string,
): { readonly listen: HealthListener } | { readonly problems: ConfigProblem[] } {
  const listened = parseListen(written, folder, ["health"]);
  if ("problems" in listened) return listened;
  const [listener] = listened.listeners;
  if (listener && listener.kind !== "inherit") return { listen: listener };
  const key = "health.listen";
  return { problems: [{ key, text: `${key} is ${showValue(written)}; write a TCP address or a path.` }] };
}

function completeService(
  name: string,
  service: CheckedService,
  folder: string,
  prefix: string[],
): ServiceConfig | { readonly problems: ConfigProblem[] } {
  const { entry: written, listen, placement: policy, ...rest } = service;
  const entry = findEntry(written, folder, "default export is the service");
  const placement = findPlacement(policy, folder);
  const listened = parseListen(listen, folder, prefix);
  if ("path" in entry && "path" in placement && "listeners" in listened) {
    return { ...rest, name, entry: entry.path, listen: listened.listeners, placement: placement.path };
  }
  const problems: ConfigProblem[] = [];
  for (const [step, found] of Object.entries({ entry, placement })) {
    const key = showPath([...prefix, step]);
    if ("text" in found) problems.push({ key, text: `${key} ${found.text}` });
  }
  return { problems: [...problems, ...("problems" in listened ? listened.problems : [])] };
}

/** A policy's name stays as it is; a module's path becomes absolute. */
function findPlacement(written: string, folder: string): { readonly path: string } | { readonly text: string } {
  const isPath = /[/\\]/.test(written);
  return isPath ? findEntry(written, folder, "default export is a placement") : { path: written };
}

/** A path as it is best shown: relative to the working directory where it lies below it. */
export function showFile(file: string): string {
  const short = relative(process.cwd(), file);
  return short.startsWith("..") || short === "" ? file : short;
}

function nameOf(service: object): string {
  const { name, entry } = service as { name?: unknown; entry?: unknown };
  if (typeof name === "string") return name;
  return asName(typeof entry === "string" ? basename(entry, extname(entry)) : "", "service");
}

function isServiceKey(name: string): boolean {
  return name !== "name" && schemaAt(serviceSchema, [name]) !== undefined;
}

function asName(text: string, otherwise: string): string {
  return (
    text
      .replaceAll(/[^A-Za-z0-9_-]+/g, "-")
      .replace(/^[^A-Za-z]+/, "")
      .slice(0, 63) || otherwise
  );
}

function findEntry(
  written: string,
  folder: string,
  content: string,
): { readonly path: string } | { readonly text: string } {
  const shown = showValue(written);
  try {
    const path = written.startsWith("file:") ? fileURLToPath(written) : resolve(folder, written);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile()) return { path };
    if (found) return { text: `is ${shown}, which is not a file; name the module whose ${content}.` };
    return { text: `is ${shown}, but there is no ${path}.${didYouMean(basename(path), filesIn(dirname(path)))}` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { text: `is ${shown}, which can't be read (${code}); name the module whose ${content}.` };
  }
}

function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function listenedTwice(services: readonly ServiceConfig[]): ConfigProblem[] {
  const owners = new Map<string, string>();
  const problems: ConfigProblem[] = [];
  for (const service of services) {
    for (const listener of service.listen) {
      const address = addressOf(listener);
      if (address === undefined) continue;
      const owner = owners.get(address);
      if (owner === undefined) owners.set(address, service.name);
      else if (owner !== service.name) {
        const text = `services.${owner} and services.${service.name} both listen on ${address}; give each its own address.`;
        problems.push({ key: `services.${service.name}.listen`, text });
      }
    }
  }
  return problems;
}

function addressOf(listener: ListenerConfig): string | undefined {
  if (listener.kind === "tcp") return listener.port === 0 ? undefined : `${listener.host ?? ""}:${listener.port}`;
  return listener.kind === "unix" ? listener.path : `inherit:${listener.descriptor}`;
}

/** `target` with `value` at `path`; nothing that was there is changed. */
function assign(target: unknown, path: readonly string[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (!isObject(target)) return { [step]: assign(undefined, rest, value) };
  return { ...target, [step]: assign(target[step], rest, value) };
}

/** Names the variable that set the key which `problem` is about. */
function blame(
  problem: ConfigProblem,
  overrides: readonly EnvironmentOverride[],
  prefixOf: (name: string) => string[],
): ConfigProblem {
  const set = overrides.find(({ service, path }) => {
    const key = showPath([...prefixOf(service), ...path]);
    return problem.key === key || problem.key.startsWith(`${key}.`) || problem.key.startsWith(`${key}[`);
  });
  return set ? { key: problem.key, text: `${problem.text} (It is set by ${set.variable}.)` } : problem;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
