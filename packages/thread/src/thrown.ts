// What was thrown in one thread, as data for another, and thrown there as the same: its class, its code, its cause.
//
// A structured clone alone keeps of an error its message, its stack and its cause, and fails with the first field that
// can't be cloned.
import {
  ChannelClosed,
  DeadlockError,
  InvalidArgumentError,
  OutsideTaskError,
  ScopeClosedError,
  TaskCancelledError,
  TimeoutError,
} from "@plait/coroutine";
import { ChannelBrokenError, ChannelCloneError, ChannelEndError } from "./channel/errors.ts";
import { ThreadCallCloneError, ThreadCallTimeoutError, ThreadExitedError } from "./errors.ts";
import {
  NotATaskError,
  OffloadCloneError,
  OffloadLostError,
  OffloadQueueFullError,
  OffloadTimeoutError,
  TaskLoadError,
  UnknownTaskError,
} from "./offload/errors.ts";
import { NoUnitsError, SharedMemoryError, UnitNotServingError, UnknownMethodError } from "./remote/errors.ts";

/** Anything that was thrown, or a field of an error. */
export type ThrownData =
  | { readonly error: ErrorData }
  | { readonly list: readonly ThrownData[] }
  /** Something else, as it is. */
  | { readonly value: unknown };

/** An error. */
export interface ErrorData {
  /** The class that it gets over there, one of `classes`: its own, or the one that its class extends. */
  readonly kind: string;
  /** The name of its class. */
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Its other fields: code, cause, and what its class has added. */
  readonly fields: readonly Field[];
}

type Field = readonly [name: string, data: ThrownData, enumerable: boolean];

type ErrorClass = { readonly name: string; readonly prototype: Error };

/** The classes that are the same in every thread. Others arrive as the one that they extend, with their own name. */
const classes: ReadonlyMap<string, ErrorClass> = new Map(
  [
    ...[
      Error,
      EvalError,
      RangeError,
      ReferenceError,
      SyntaxError,
      TypeError,
      URIError,
      AggregateError,
      SuppressedError,
    ],
    ...[ChannelClosed, DeadlockError, InvalidArgumentError, OutsideTaskError, ScopeClosedError],
    ...[TaskCancelledError, TimeoutError],
    ...[ThreadExitedError, ThreadCallTimeoutError, ThreadCallCloneError],
    ...[ChannelBrokenError, ChannelCloneError, ChannelEndError],
    ...[NotATaskError, TaskLoadError, UnknownTaskError],
    ...[OffloadCloneError, OffloadLostError, OffloadQueueFullError, OffloadTimeoutError],
    ...[NoUnitsError, SharedMemoryError, UnitNotServingError, UnknownMethodError],
  ].map((one: ErrorClass) => [one.name, one]),
);

/** Causes of causes further down than this are left out. */
const DEEPEST = 64;

/** Never throws. What can't be cloned is left out of an error; of anything else that can't be, its words are left. */
export function packThrown(thrown: unknown): ThrownData {
  try {
    const data = pack(thrown, new Map(), 0);
    if (data) return data;
  } catch {
    // A proxy, say, that can't be asked what it is.
  }
  return { value: words(thrown) };
}

/** See {@link packThrown}. */
export function packError(error: Error): ErrorData {
  return packFields(error, new Map(), 0);
}

export function unpackThrown(data: ThrownData): unknown {
  return unpack(data, new Map());
}

export function unpackError(data: ErrorData): Error {
  return unpackFields(data, new Map());
}

/** What was thrown, in words. Never throws. */
export function words(thrown: unknown): string {
  try {
    return isError(thrown) ? thrown.message : String(thrown);
  } catch {
    return "something that has no words";
  }
}

type Packed = Map<Error, ErrorData>;

function pack(thrown: unknown, packed: Packed, depth: number): ThrownData | undefined {
  if (depth > DEEPEST) return undefined;
  if (thrown instanceof DOMException) return { value: thrown };
  if (isError(thrown)) return { error: packFields(thrown, packed, depth) };
  if (Array.isArray(thrown) && thrown.some(isError)) {
    return { list: thrown.flatMap((item) => pack(item, packed, depth + 1) ?? []) };
  }
  return canBeCloned(thrown) ? { value: thrown } : undefined;
}

function packFields(error: Error, packed: Packed, depth: number): ErrorData {
  const known = packed.get(error);
  if (known) return known;
  const kind = kindOf(error);
  const fields: Field[] = [];
  const data: ErrorData = {
    kind,
    name: nameOf(error, kind),
    message: String(read(error, "message") ?? ""),
    stack: textOf(read(error, "stack")),
    fields,
  };
  packed.set(error, data);
  for (const name of Object.getOwnPropertyNames(error)) {
    if (name === "name" || name === "message" || name === "stack") continue;
    const value = read(error, name);
    const field = value === undefined ? undefined : pack(value, packed, depth + 1);
    if (field) fields.push([name, field, Object.prototype.propertyIsEnumerable.call(error, name)]);
  }
  return data;
}

type Unpacked = Map<ErrorData, Error>;

function unpack(data: ThrownData, unpacked: Unpacked): unknown {
  if ("error" in data) return unpackFields(data.error, unpacked);
  return "list" in data ? data.list.map((item) => unpack(item, unpacked)) : data.value;
}

function unpackFields(data: ErrorData, unpacked: Unpacked): Error {
  const known = unpacked.get(data);
  if (known) return known;
  const { kind, name, message, stack, fields } = data;
  const error = new Error(message);
  unpacked.set(data, error);
  Object.setPrototypeOf(error, (classes.get(kind) ?? Error).prototype);
  const set = (field: string, value: unknown, enumerable: boolean) =>
    Object.defineProperty(error, field, { value, enumerable, configurable: true, writable: true });
  set("stack", stack, false);
  if (name !== error.name) set("name", name, false);
  for (const [field, value, enumerable] of fields) set(field, unpack(value, unpacked), enumerable);
  return error;
}

function isError(value: unknown): value is Error {
  return Error.isError(value) || value instanceof Error;
}

/** The first of its classes that is one of `classes`; by their names, as one of another realm has others of those names. */
function kindOf(error: Error): string {
  for (let proto = Object.getPrototypeOf(error); proto !== null; proto = Object.getPrototypeOf(proto)) {
    const name = className(proto);
    if (name !== undefined && classes.has(name)) return name;
  }
  return Error.name;
}

function nameOf(error: Error, kind: string): string {
  const name = textOf(read(error, "name"));
  if (name !== undefined && (Object.hasOwn(error, "name") || !classes.has(name))) return name;
  // A class that says no name has that of the class it extends.
  return className(error) ?? kind;
}

function className(of: object): string | undefined {
  return textOf(Reflect.get((read(of, "constructor") as object | undefined) ?? {}, "name")) || undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Undefined for a field that throws when it is read. */
function read(object: object, field: string): unknown {
  try {
    return Reflect.get(object, field);
  } catch {
    return undefined;
  }
}

function canBeCloned(value: unknown): boolean {
  if (typeof value === "function" || typeof value === "symbol") return false;
  if (typeof value !== "object" || value === null) return true;
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
