// What a change of the configuration touches: which services, and how hard.
import type { Deployment, ServiceConfig } from "./deployment.ts";
import { type Apply, keyFacts, schemaAt } from "./key.ts";
import { listenForms } from "./listen.ts";
import { serviceSchema } from "./schema.ts";

/** One key that differs. `from` and `to` are completed values: milliseconds, absolute paths. */
export interface KeyChange {
  readonly key: string;
  readonly from: unknown;
  readonly to: unknown;
  readonly apply: Apply;
}

/** What happens to one service: nothing, the hardest of what its keys need, or it comes or goes. */
export interface ServiceChange {
  readonly service: string;
  readonly change: "none" | Apply | "added" | "removed";
  readonly keys: readonly KeyChange[];
}

const hardness: readonly ServiceChange["change"][] = ["none", "live", "roll", "restart"];

/**
 * Compares two configurations service by service, in the order of the new one, removed services last.
 *
 * @example
 * ```ts
 * diffConfig(old, fresh);
 * // => [{ service: "echo", change: "roll",
 * //       keys: [{ key: "topology.threads", from: 2, to: 4, apply: "roll" }] }]
 * ```
 */
export function diffConfig(old: Deployment, fresh: Deployment): ServiceChange[] {
  const before = new Map(old.services.map((service) => [service.name, service]));
  const changes = fresh.services.map((service): ServiceChange => {
    const known = before.get(service.name);
    return known ? diffService(known, service) : { service: service.name, change: "added", keys: [] };
  });
  const after = new Set(fresh.services.map((service) => service.name));
  for (const name of before.keys()) if (!after.has(name)) changes.push({ service: name, change: "removed", keys: [] });
  return changes;
}

/** The keys for all services that differ: a change of them takes a restart of the supervisor. */
export function diffDeployment(old: Deployment, fresh: Deployment): KeyChange[] {
  const keys: readonly (readonly [string, (deployment: Deployment) => unknown])[] = [
    ["health.listen", ({ health }) => health?.listen.name],
    ["logs.memory", ({ logs }) => logs.memory],
    ["logs.file", ({ logs }) => logs.file],
    ["logs.format", ({ logs }) => logs.format],
    ["control.readers.path", ({ control }) => control.readers?.path],
    ["control.readers.mode", ({ control }) => control.readers?.mode],
    ["control.readers.group", ({ control }) => control.readers?.group],
  ];
  return keys.flatMap(([key, shown]): KeyChange[] => {
    const [from, to] = [shown(old), shown(fresh)];
    return from === to ? [] : [{ key, from, to, apply: "restart" }];
  });
}

/** The same for one service. */
export function diffService(old: ServiceConfig, fresh: ServiceConfig): ServiceChange {
  const { listen: listenedTo, ...others } = old;
  const { listen, ...freshOthers } = fresh;
  const keys = [...listenerDifferences(listenedTo, listen), ...differences(others, freshOthers, [])];
  const change = keys.reduce<ServiceChange["change"]>((worst, { apply }) => {
    return hardness.indexOf(apply) > hardness.indexOf(worst) ? apply : worst;
  }, "none");
  return { service: fresh.name, change, keys };
}

function differences(from: unknown, to: unknown, path: readonly string[]): KeyChange[] {
  if (isObject(from) && isObject(to)) {
    return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((name) =>
      differences(from[name], to[name], [...path, name]),
    );
  }
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  return [{ key: path.join("."), from, to, apply: applyOf(path, from, to) }];
}

/**
 * What differs in the options of listeners whose names and addresses stay. Anything else is one change of `listen`: a
 * process can't be told of it.
 */
function listenerDifferences(from: ServiceConfig["listen"], to: ServiceConfig["listen"]): KeyChange[] {
  const bindings = (listeners: ServiceConfig["listen"]) => listeners.map(({ options: _, ...binding }) => binding);
  if (JSON.stringify(bindings(from)) !== JSON.stringify(bindings(to))) {
    return [{ key: "listen", from, to, apply: applyOf(["listen"], from, to) }];
  }
  return from.flatMap(({ name, options }, index) => differences(options, to[index]?.options, ["listen", name]));
}

function applyOf(path: readonly string[], from: unknown, to: unknown): Apply {
  // Without processes the service runs in the supervisor itself: going there or leaving is no matter of scaling.
  if (path.join(".") === "topology.processes" && (from === 0 || to === 0)) return "restart";
  // A value within a key, such as `perAddress.max`, goes by its key.
  for (let length = path.length; length > 0; length--) {
    const schema = schemaOf(path.slice(0, length));
    const facts = schema && keyFacts.get(schema);
    if (facts) return facts.apply;
  }
  return "restart";
}

function schemaOf(path: readonly string[]): ReturnType<typeof schemaAt> {
  const [root, listener, ...option] = path;
  // An option of a listener is the same key in each of its forms.
  if (root === "listen" && listener !== undefined) return schemaAt(listenForms.tcp, option);
  return schemaAt(serviceSchema, path);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
