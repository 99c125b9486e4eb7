// Imports the module a service lives in, and checks what it exports.
import { Server } from "node:net";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { recipeFor } from "./recipes.ts";
import type { Service } from "./service.ts";

/** The module of a service could not be imported, or its `start` failed. */
export class ServiceLoadError extends Error {
  override readonly name = "ServiceLoadError";
  readonly code = "ERR_PLAIT_SERVICE_LOAD";
  /** Path of the module. */
  readonly file: string;

  constructor(file: string, problem: string, cause: unknown) {
    super(`The service ${file} ${problem}`, { cause });
    this.file = file;
  }
}

/** A service's `stop` failed; what it was to bring to an end may not have come to one. */
export class ServiceStopError extends Error {
  override readonly name = "ServiceStopError";
  readonly code = "ERR_PLAIT_SERVICE_STOP";

  constructor(cause: unknown) {
    super(`The service failed in stop(): ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** A module was imported, but its default export serves nothing. */
export class NotAServiceError extends Error {
  override readonly name = "NotAServiceError";
  readonly code = "ERR_PLAIT_NOT_A_SERVICE";
  readonly file: string;

  constructor(file: string, found: string) {
    super(
      `${file} ${found}. Export a service: \`export default defineService({ *connection(conn) { … } })\`, or a server made by net, tls, http or https.`,
    );
    this.file = file;
  }
}

/**
 * Imports a module and returns its default export.
 *
 * @param entry A path, relative to the working directory, or a file URL.
 * @throws {ServiceLoadError} It can't be found, parsed or run.
 * @throws {NotAServiceError} It exports no service.
 */
export async function loadService(entry: string | URL): Promise<{ file: string; exported: Service | Server }> {
  const url = toUrl(entry);
  const file = url.protocol === "file:" ? fileURLToPath(url) : url.href;
  let module: { readonly default?: unknown };
  try {
    module = await import(url.href);
  } catch (error) {
    throw new ServiceLoadError(file, `could not be loaded: ${explain(error, url)}`, error);
  }
  const { default: exported } = module;
  if (exported instanceof Server) {
    // `listen` takes effect a turn later when it is given a host.
    await new Promise(setImmediate);
    if (exported.listening)
      throw new NotAServiceError(
        file,
        "exports a server that listens already; leave out listen(), and Hono's serve(): createAdaptorServer() makes the server without it",
      );
  }
  if (exported instanceof Server || isService(exported)) return { file, exported };
  throw new NotAServiceError(file, describe(exported));
}

function toUrl(entry: string | URL): URL {
  if (entry instanceof URL) return entry;
  return entry.startsWith("file:") ? new URL(entry) : pathToFileURL(resolve(entry));
}

function isService(exported: unknown): exported is Service {
  if (typeof exported !== "object" || exported === null) return false;
  const { connection, methods, start, stop } = exported as Partial<Record<keyof Service, unknown>>;
  if (methods !== undefined && !isObject(methods)) return false;
  return typeof connection === "function" && isFunctionOrLeftOut(start) && isFunctionOrLeftOut(stop);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function isFunctionOrLeftOut(value: unknown): boolean {
  return value === undefined || typeof value === "function";
}

function describe(exported: unknown): string {
  if (exported === undefined) return "has no default export";
  const recipe = recipeFor(exported);
  if (recipe !== undefined) return recipe;
  if (typeof exported === "function") return "exports a function by default, which is no service";
  if (typeof exported === "object" && exported !== null) {
    const { connection, start, stop } = exported as Partial<Record<keyof Service, unknown>>;
    if (typeof connection !== "function") return "exports an object without a `connection` function";
    if (!isFunctionOrLeftOut(start)) return "exports a service whose `start` is no function";
    if (!isFunctionOrLeftOut(stop)) return "exports a service whose `stop` is no function";
    return "exports a service whose `methods` are no object";
  }
  return `exports ${exported === null ? "null" : `a ${typeof exported}`} by default, which is no service`;
}

function explain(error: unknown, url: URL): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}.`;
  const code = "code" in error ? error.code : undefined;
  if (code === "ERR_MODULE_NOT_FOUND" || code === "ERR_UNSUPPORTED_DIR_IMPORT") {
    const itself = "url" in error && error.url === url.href;
    return itself ? "there is no such file. Check the path." : `${error.message}.`;
  }
  if (error instanceof SyntaxError) {
    const place = placeOf(error);
    if (place !== undefined) return `syntax error at ${place}: ${error.message}.`;
    return `syntax error: ${error.message}. Run \`node --check\` on it to see where.`;
  }
  return `${error.name}: ${error.message}${/[.!?]$/.test(error.message) ? "" : "."}`;
}

/** Where the parser of TypeScript stopped: it puts `/path:line` in front of the stack. That of JavaScript does not. */
function placeOf(error: SyntaxError): string | undefined {
  return /^(?:\/|[A-Za-z]:\\).*:\d+$/.exec(error.stack?.split("\n", 1)[0] ?? "")?.[0];
}
