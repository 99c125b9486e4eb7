// What every key of a configuration says about itself: one place for messages, the JSON Schema and the reference.
import { z } from "zod";

/**
 * What a change of a key touches in a running deployment.
 *
 * - `live`: nothing is replaced; the new value holds from now on.
 * - `roll`: processes are replaced one by one, new before old.
 * - `restart`: the service has to be stopped and started.
 */
export type Apply = "live" | "roll" | "restart";

export interface KeyFacts {
  /** One or two sentences for the reference. */
  readonly description: string;
  /** What may be written, as it follows "write" in a message. */
  readonly expects: string;
  /** A value that is right. */
  readonly example: unknown;
  readonly apply: Apply;
}

/** The facts of every key, found by its schema. */
export const keyFacts: z.core.$ZodRegistry<KeyFacts> = z.registry<KeyFacts>();

/** Declares a key of the configuration. */
export function key<S extends z.ZodType>(schema: S, facts: KeyFacts): S {
  // Cloned, because one schema may serve several keys and each has its own facts.
  const own = schema.clone() as S;
  keyFacts.add(own, facts);
  return own;
}

/** The schema at `path` below `schema`, still wrapped in its default, or `undefined` where there is none. */
export function schemaAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  let at: z.core.$ZodType | undefined = schema;
  for (const step of path) {
    const within: z.core.$ZodType = unwrap(at);
    if (within instanceof z.ZodObject) {
      const shape: Readonly<Record<string, z.core.$ZodType>> = within.shape;
      at = Object.hasOwn(shape, step) ? shape[String(step)] : undefined;
    } else if (within instanceof z.ZodRecord) at = within.valueType;
    else return undefined;
    if (!at) return undefined;
  }
  return at;
}

/** `schema` without defaults, optionality and transforms: what is written, not what it becomes. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  let at = schema;
  for (;;) {
    if (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodPrefault) at = at.def.innerType;
    else if (at instanceof z.ZodPipe) at = at.def.in;
    else return at;
  }
}

/** The default that is written for `schema` when its key is left out, or `undefined`. */
export function defaultOf(schema: z.core.$ZodType): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return schema.def.defaultValue;
  return undefined;
}
