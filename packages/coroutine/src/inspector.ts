// Where a suspended generator stands and what its variables hold: V8 knows, and tells an inspector session of its own
// process. Costs nothing until it is asked.
//
// `[[GeneratorLocation]]` and `[[Scopes]]` are internal properties of V8's debugger protocol; test/dump.test.ts fails
// when they change. A chain of `yield*` shows the outermost generator, at its own `yield*`.

import type { Session } from "node:inspector";
import { createRequire } from "node:module";

/** Most characters of a variable's value that are shown. */
const LONGEST_VALUE = 80;
/** Names the generators to the session: an expression is the only way to hand it an object. */
const HANDOVER = "@plait/coroutine inspected generators";

export interface Suspension {
  /** "file.ts:12:5" */
  at: string;
  locals: Record<string, string>;
}

interface RemoteValue {
  type: string;
  value?: unknown;
  description?: string;
  objectId?: string;
}
interface Property {
  name: string;
  value?: RemoteValue;
}
interface Properties {
  result: Property[];
  internalProperties?: Property[];
}
interface Location {
  scriptId: string;
  lineNumber: number;
  columnNumber?: number;
}

/** Script urls by id; scripts never change theirs. */
const urls = new Map<string, string>();

/** Looks into suspended generators, in order; `undefined` for one that is not suspended or can't be looked into. */
export function inspectGenerators(generators: readonly object[], locals: boolean): (Suspension | undefined)[] {
  const session = openSession();
  if (session === undefined) return generators.map(() => undefined);
  try {
    return inspectAll(session, generators, locals);
  } finally {
    // A session left open makes Node wait for a debugger at exit.
    session.disconnect();
  }
}

/** Node may have been built without the inspector, or run under a permission that forbids it. */
function openSession(): Session | undefined {
  try {
    const inspector = createRequire(import.meta.url)("node:inspector") as typeof import("node:inspector");
    const session = new inspector.Session();
    session.connect();
    return session;
  } catch {
    return undefined;
  }
}

function inspectAll(session: Session, generators: readonly object[], locals: boolean): (Suspension | undefined)[] {
  const key = Symbol.for(HANDOVER);
  Reflect.set(globalThis, key, generators);
  try {
    const { result } = post<{ result: RemoteValue }>(session, "Runtime.evaluate", {
      expression: `globalThis[Symbol.for(${JSON.stringify(HANDOVER)})]`,
    });
    const elements = propertiesOf(session, result).result;
    return generators.map((_, index) => {
      const element = elements.find((property) => property.name === String(index))?.value;
      return element === undefined ? undefined : inspectOne(session, element, locals);
    });
  } finally {
    Reflect.deleteProperty(globalThis, key);
  }
}

function inspectOne(session: Session, generator: RemoteValue, locals: boolean): Suspension | undefined {
  const { internalProperties = [] } = propertiesOf(session, generator);
  const internal = (name: string) => internalProperties.find((property) => property.name === name)?.value;
  const location = internal("[[GeneratorLocation]]")?.value as Location | undefined;
  if (location === undefined) return undefined;
  const scopes = internal("[[Scopes]]");
  return {
    at: `${urlOf(session, location.scriptId)}:${location.lineNumber + 1}:${(location.columnNumber ?? 0) + 1}`,
    locals: locals && scopes !== undefined ? localsOf(session, scopes) : {},
  };
}

function localsOf(session: Session, scopes: RemoteValue): Record<string, string> {
  const found: Record<string, string> = {};
  // Innermost first: a block's variables, then the function's own; what lies outside the function is not its state.
  for (const { value: scope } of propertiesOf(session, scopes).result) {
    if (scope === undefined || !/^(Local|Block|Catch)/.test(scope.description ?? "")) continue;
    for (const { name, value } of propertiesOf(session, scope).result) {
      if (value !== undefined && !(name in found)) found[name] = show(value);
    }
  }
  return found;
}

function show(value: RemoteValue): string {
  const text = value.type === "string" ? JSON.stringify(value.value) : (value.description ?? String(value.value));
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

function urlOf(session: Session, scriptId: string): string {
  if (!urls.has(scriptId)) {
    // Only an enabled debugger lists its scripts, and it slows the thread down: on, listen, off.
    session.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
    session.post("Debugger.enable");
    session.post("Debugger.disable");
  }
  return urls.get(scriptId) ?? `script ${scriptId}`;
}

function propertiesOf(session: Session, value: RemoteValue): Properties {
  return post<Properties>(session, "Runtime.getProperties", { objectId: value.objectId, ownProperties: true });
}

/** A session on its own thread answers before `post` returns. */
function post<R>(session: Session, method: string, params: object): R {
  let answer: R | undefined;
  session.post(method, params, (error, result) => {
    if (error !== null) throw error;
    answer = result as R;
  });
  if (answer === undefined) throw new Error(`The inspector did not answer ${method}.`);
  return answer;
}
