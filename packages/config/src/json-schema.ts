// The configuration's schema for editors, and the list of its keys for the reference.
import { z } from "zod";
import { type Apply, defaultOf, keyFacts, unwrap } from "./key.ts";
import { listenForms, listenShape } from "./listen.ts";
import { deploymentSchema, listenKey, serviceSchema, severalSchema, singleSchema } from "./schema.ts";

/** A JSON Schema (draft 2020-12), as data. */
export type JsonSchema = Record<string, unknown>;

/**
 * The JSON Schema of a configuration: what may be written, with descriptions, defaults and, as `x-apply`, what a change
 * of each key touches.
 */
export function configJsonSchema(): JsonSchema {
  return { ...toJson(z.union([singleSchema, severalSchema])), title: "Plait configuration" };
}

function toJson(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: "input",
    metadata: keyFacts,
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === unwrap(listenKey)) {
        const { $schema, ...shape } = toJson(listenShape);
        Object.assign(jsonSchema, shape);
      }
      const { expects, example, apply } = jsonSchema;
      if (expects === undefined) return;
      delete jsonSchema.expects;
      delete jsonSchema.example;
      delete jsonSchema.apply;
      jsonSchema.examples = [example];
      jsonSchema["x-apply"] = apply;
    },
  });
}

/** A key as the reference lists it. */
export interface ConfigKey {
  /** Its path below the service, such as `topology.processes`; below a listener for {@link listenerKeys}. */
  readonly key: string;
  readonly description: string;
  readonly expects: string;
  readonly example: unknown;
  /** As it would be written; `undefined` if there is none. */
  readonly byDefault: unknown;
  readonly apply: Apply;
}

/** The keys of a service, outermost first. Objects are listed before what they hold. */
export function configKeys(): ConfigKey[] {
  return keysOf(serviceSchema, []);
}

/** The keys that stand at the top level for all services. */
export function deploymentKeys(): ConfigKey[] {
  return keysOf(deploymentSchema, []);
}

/** The keys of the object forms of a listener. */
export function listenerKeys(): ConfigKey[] {
  const keys = Object.values(listenForms).flatMap((form) => keysOf(form, []));
  return keys.filter((each, i) => keys.findIndex(({ key }) => key === each.key) === i);
}

function keysOf(schema: z.core.$ZodType, path: readonly string[]): ConfigKey[] {
  const within = unwrap(schema);
  if (!(within instanceof z.ZodObject)) return [];
  return Object.entries(within.shape).flatMap(([name, child]) => {
    const facts = keyFacts.get(child);
    const below = [...path, name];
    const own = facts ? [{ key: below.join("."), byDefault: defaultOf(child), ...facts }] : [];
    return [...own, ...keysOf(child, below)];
  });
}
