// Finds a configuration file and reads it, whatever its format.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, type Stats, statSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ConfigError } from "./config-error.ts";
import type { Deployment } from "./deployment.ts";
import { configFiles } from "./files.ts";
import { type ParseOptions, parseUnknown, showFile } from "./parse-config.ts";

let version = 0;

/**
 * Reads the configuration at `pathOrFolder`, checks it and completes it. A file is read anew by every call, so that a
 * reload sees its changes; modules that the file imports are kept by Node and are not.
 *
 * @param pathOrFolder a file, or a folder that holds one of {@link configFiles}; default: the working directory
 * @param options.env where overrides are looked up; default `process.env`
 * @throws {ConfigError} if there is no such file, or it cannot be used
 *
 * @example
 * ```ts
 * const deployment = await loadConfig("./supervisor.config.ts");
 * ```
 */
export async function loadConfig(pathOrFolder = ".", options: Omit<ParseOptions, "file"> = {}): Promise<Deployment> {
  const file = findConfig(pathOrFolder);
  return parseUnknown(await readConfig(file), { env: process.env, ...options, file });
}

/**
 * The absolute path of the configuration at `pathOrFolder`.
 *
 * @throws {ConfigError} if there is none, or a folder holds several
 */
export function findConfig(pathOrFolder = "."): string {
  const path = resolve(pathOrFolder);
  const fail = (text: string, file?: string): never => {
    throw new ConfigError([{ key: "", text }], { file });
  };
  let found: Stats | undefined;
  try {
    found = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return fail(`It can't be read (${(error as NodeJS.ErrnoException).code}).`, showFile(path));
  }
  if (!found) {
    return fail("There is no such file; name a configuration file, or a folder that holds one.", showFile(path));
  }
  if (!found.isDirectory()) return path;
  const [file, ...others] = configFiles.filter((name) => existsSync(join(path, name)));
  if (file === undefined) {
    return fail(`There is no configuration in ${path}; write a supervisor.config.ts (or .js, .mjs, .json, .yaml).`);
  }
  if (others.length > 0) return fail(`${path} holds ${[file, ...others].join(" and ")}; keep one of them.`);
  return join(path, file);
}

async function readConfig(file: string): Promise<unknown> {
  const extension = extname(file);
  try {
    if (extension === ".json") return JSON.parse(readFileSync(file, "utf8"));
    if (extension === ".yaml" || extension === ".yml") return await readYaml(file);
    if ([".ts", ".mts", ".js", ".mjs"].includes(extension)) return await importDefault(file);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw unreadable(file, error);
  }
  const text = `A configuration is a .ts, .js, .mjs, .json, .yaml or .yml file, and this is ${extension || "none of them"}.`;
  throw new ConfigError([{ key: "", text }], { file: showFile(file) });
}

async function readYaml(file: string): Promise<unknown> {
  // Imported here, so that the other formats do not pay for it.
  const { parseDocument } = await import("yaml");
  const document = parseDocument(readFileSync(file, "utf8"));
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) throw problem;
  return document.toJS();
}

async function importDefault(file: string): Promise<unknown> {
  const url = pathToFileURL(file);
  // Make the URL new, or Node answers from its module cache and a reload never sees a change.
  url.searchParams.set("version", String(version++));
  const module: Readonly<Record<string, unknown>> = await import(url.href);
  if ("default" in module) return module.default;
  const text = "It has no default export; write: export default defineConfig({ … }).";
  throw new ConfigError([{ key: "", text }], { file: showFile(file) });
}

function unreadable(file: string, error: unknown): ConfigError {
  const { message, stack, name } = error instanceof Error ? error : new Error(String(error));
  const line = lineIn(file, stack) ?? (error instanceof SyntaxError ? lineOfSyntaxError(file) : undefined);
  const kind = isSyntaxError(error)
    ? "Syntax error"
    : extname(file) === ".json"
      ? "Not readable"
      : `${name} while it was read`;
  const place = line === undefined ? showFile(file) : `${showFile(file)}:${line}`;
  return new ConfigError([{ key: "", text: `${kind}: ${firstLine(message)}` }], { file: place, cause: error });
}

function isSyntaxError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, name } = error as NodeJS.ErrnoException;
  return (
    error instanceof SyntaxError || code === "ERR_INVALID_TYPESCRIPT_SYNTAX" || /^YAML(ParseError|Warning)$/.test(name)
  );
}

/** The line that a stack names in `file`: of a syntax error in its first line, else of its first frame there. */
function lineIn(file: string, stack = ""): string | undefined {
  for (const line of stack.split("\n")) {
    const [, where = "", number] = /(file:\/\/[^\s)]+?|\/[^\s):]+)(?:\?version=\d+)?:(\d+)/.exec(line) ?? [];
    if (number === undefined) continue;
    const path = where.startsWith("file:") ? fileURLToPath(where) : where;
    if (basename(path) === basename(file) && path === file) return number;
  }
  return undefined;
}

/** V8 keeps the place of a JavaScript syntax error to itself until nobody catches it: let a Node of its own not catch it. */
function lineOfSyntaxError(file: string): string | undefined {
  if (!/\.m?js$/.test(file)) return undefined;
  const check = spawnSync(process.execPath, ["--check", file], { encoding: "utf8", timeout: 10_000 });
  return lineIn(file, check.stderr);
}

function firstLine(message: string): string {
  const [line = ""] = message.trim().split("\n");
  return /[.!?]$/.test(line) ? line : `${line.replace(/:$/, "")}.`;
}
