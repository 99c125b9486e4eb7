// Turns what the schema found into sentences: the key, what is there, and what to write.
import { z } from "zod";
import type { ConfigProblem } from "./config-error.ts";
import { keyFacts, schemaAt, unwrap } from "./key.ts";
import { didYouMean } from "./nearest-name.ts";

type Path = readonly PropertyKey[];

/**
 * The problems that `error` holds, as people should read them.
 *
 * @param schema what `input` was checked against
 * @param prefix where `input` stands in the configuration
 */
export function problemsOf(error: z.ZodError, schema: z.ZodType, input: unknown, prefix: Path = []): ConfigProblem[] {
  return error.issues.flatMap((issue) => {
    const where = showPath([...prefix, ...issue.path]);
    if (issue.code === "unrecognized_keys") {
      const known = keysOf(schemaAt(schema, issue.path));
      return issue.keys.map((name) => ({
        key: showPath([...prefix, ...issue.path, name]),
        text: noSuchKey(where || "The configuration", name, known),
      }));
    }
    return [{ key: where, text: describe(where, valueAt(input, issue.path), schemaAt(schema, issue.path), issue) }];
  });
}

/** Says that `where` has no key `name`, and which it has. */
export function noSuchKey(where: string, name: string, known: readonly string[]): string {
  const list = known.filter((name) => name !== "$schema").join(", ");
  return `${where} has no key "${name}".${didYouMean(name, known) || (list && ` Its keys are ${list}.`)}`;
}

/** `topology.processes`, `listen[1].port`, `services.my-echo.entry`. */
export function showPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? String(step) : `${text}.${String(step)}`;
  }, "");
}

/** A value as a person would recognise it, cut short. */
export function showValue(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "number" || typeof value === "bigint" || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function describe(where: string, value: unknown, schema: z.core.$ZodType | undefined, issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_key") {
    const name = String(issue.path.at(-1));
    return `"${name}" is no name for a service; write letters, digits, - and _, starting with a letter.`;
  }
  const facts = schema && keyFacts.get(schema);
  if (!facts) return `${where || "The configuration"} is ${showValue(value)}; ${issue.message}.`;
  const what = value === undefined ? `${where} is missing` : `${where} is ${showValue(value)}`;
  return `${what}; write ${facts.expects}, for example ${JSON.stringify(facts.example)}.`;
}

function keysOf(schema: z.core.$ZodType | undefined): string[] {
  const within = schema && unwrap(schema);
  return within instanceof z.ZodObject ? Object.keys(within.shape) : [];
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => {
    return typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined;
  }, input);
}
