// Writes docs/reference/json.md from the shapes; with --check, fails if the file is not what it would write.
import { readFileSync, writeFileSync } from "node:fs";
import { jsonShapes } from "@plait/cli/shapes";
import { contract } from "@plait/supervisor/shapes";
import { z } from "zod";

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
}

const file = new URL("../docs/reference/json.md", import.meta.url);
const shown = "docs/reference/json.md";
const printed = new Map<z.ZodType, string>();

const page = `# JSON

<!-- Written by scripts/json-reference.ts from the shapes in packages/supervisor and apps/supervisor. Change them there. -->

What commands print with \`--json\`, and what [the control socket](control.md) answers. The zod schemas are exported as
\`@plait/cli/shapes\` and \`@plait/supervisor/shapes\`, and the tests hold every command to them. Times are in ms since the epoch
(keys that end in \`At\`, and \`at\`) or durations in ms (\`Ms\`), sizes in bytes. \`[]\` is each element of a list, \`*\` any key, and \`?\` a
key that may be left out. New keys may come; none goes away or changes its meaning without a new version of the protocol.

## Commands

${Object.entries(jsonShapes)
  .map(([command, shape]) => section(`supervisor ${command}`, shape))
  .join("\n")}
## The control socket

${Object.entries(contract)
  .map(([command, { reads, params, result }]) => {
    const note = reads ? "Answered on the socket for readers, too." : "Only on the control socket itself.";
    return `### ${command}\n\n${note}\n\nParameters:\n\n${list(params, "None.")}\n\nResult:\n\n${list(result, "An empty object.")}\n`;
  })
  .join("\n")}`;

if (process.argv.includes("--check")) {
  if (readFileSync(file, "utf8") !== page) {
    console.error(`${shown} is not current; run: node scripts/json-reference.ts`);
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, page);
}

function section(title: string, shape: z.ZodType): string {
  const shown = list(shape, "nothing");
  if (!printed.has(shape)) printed.set(shape, title);
  return `### ${title}\n\n${shown}\n`;
}

/** The keys of a shape, or where they stand already. */
function list(shape: z.ZodType, empty: string): string {
  const same = printed.get(shape);
  if (same !== undefined) return `As \`${same}\`.`;
  const schema = z.toJSONSchema(shape, { unrepresentable: "any", io: "output" }) as Schema;
  const rows = rowsOf(schema, "");
  if (rows.length > 0) return rows.join("\n");
  return schema.description === undefined ? empty : `Anything: ${schema.description}.`;
}

function rowsOf(schema: Schema, path: string): string[] {
  const object = schema.properties ? schema : schema.anyOf?.find(({ properties }) => properties);
  if (object?.properties) {
    return Object.entries(object.properties).flatMap(([name, property]) => {
      const optional = object.required?.includes(name) ? "" : "?";
      const at = path === "" ? name : `${path}.${name}`;
      const meaning = property.description === undefined ? "" : `: ${property.description}`;
      const row = `- \`${at}${optional}\` ${typeOf(property)}${meaning}`;
      return [row, ...below(property, at)];
    });
  }
  return below(schema, path);
}

function below(schema: Schema, path: string): string[] {
  const list = schema.items ? schema : schema.anyOf?.find(({ items }) => items);
  if (list?.items) return rowsOf(list.items, `${path}[]`);
  if (schema.properties || schema.anyOf) return rowsOfObject(schema, path);
  const { additionalProperties } = schema;
  return typeof additionalProperties === "object" ? rowsOf(additionalProperties, `${path}.*`) : [];
}

function rowsOfObject(schema: Schema, path: string): string[] {
  const has = schema.properties ?? schema.anyOf?.some(({ properties }) => properties);
  return has ? rowsOf(schema, path) : [];
}

function typeOf({ type, enum: choices, anyOf, items }: Schema): string {
  if (choices) return choices.map((choice) => `\`${JSON.stringify(choice)}\``).join(" or ");
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(" or ");
  if (type === "array") return `list of ${items ? typeOf(items) : "anything"}`;
  return type === undefined ? "anything" : [type].flat().join(" or ");
}
