// The schema, the types people write against, and what editors are told: one set of keys.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError, configJsonSchema, configKeys, parseUnknown, type SingleServiceInput } from "../src/index.ts";

type Complete<T> = T extends object ? { readonly [K in keyof T]-?: Complete<NonNullable<T[K]>> } : T;

const tier = {
  when: "always",
  intensity: 1,
  period: "1s",
  backoff: { initial: "1s", factor: 2, cap: "1s", resetAfter: 1 },
  healthyAfter: 1,
} as const;
/** Every key that the types know: leaving one out, or adding one, does not compile. */
const everything: Complete<
  Omit<SingleServiceInput, "listen" | "$schema" | "services" | "health" | "logs" | "control">
> &
  Pick<SingleServiceInput, "listen"> = {
  name: "echo",
  entry: import.meta.filename,
  listen: ":0",
  topology: { processes: 1, threads: 1, coroutines: 1 },
  queue: 1,
  placement: "hash",
  offload: { threads: 1, queue: 1, nice: 5 },
  user: "nobody",
  group: "nogroup",
  start: { timeout: 1 },
  stop: { preDrain: 1, drain: 1, cancel: 1, kill: 1 },
  reload: { soak: "5s", surge: 1, keep: 0 },
  recycle: { memory: 1, age: 1, connections: 1, threadHeap: 1, threadAge: 1, minLifetime: 1 },
  watchdog: { report: 1, kill: 1, process: 1 },
  limits: { threadHeap: 2 ** 24 },
  restart: { thread: tier, process: tier, service: tier },
};

function paths(value: unknown, path: readonly string[] = []): string[] {
  if (typeof value !== "object" || value === null) return [path.join(".")];
  const own = path.length === 0 ? [] : [path.join(".")];
  return [...own, ...Object.entries(value).flatMap(([name, child]) => paths(child, [...path, name]))];
}

test("the types and the schema know the same keys", () => {
  expect(configKeys().map(({ key }) => key)).toEqual(paths(everything));
  expect(parseUnknown(everything).services[0]?.queue).toBe(1);
});

test("every example and every default is a value that its key accepts", () => {
  const minimal = { entry: import.meta.filename };
  for (const { key, example, byDefault } of configKeys()) {
    if (key === "entry") continue;
    for (const value of byDefault === undefined ? [example] : [example, byDefault]) {
      expect(() => parseUnknown(minimal, { set: { [key]: value } }), key).not.toThrow();
    }
  }
});

test("the JSON Schema describes both forms, with defaults as people write them", () => {
  const schema = JSON.stringify(configJsonSchema());
  expect(configJsonSchema()).toMatchObject({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    anyOf: [
      {
        required: ["entry"],
        additionalProperties: false,
        properties: { stop: { properties: { drain: { default: "20s" } } } },
      },
      { required: ["services"], properties: { services: { type: "object" } } },
    ],
  });
  expect(schema).toContain('"x-apply":"roll"');
  expect(schema).not.toContain('"expects"');
});

test("importing defineConfig loads nothing else", () => {
  const built = readFileSync(new URL("../dist/define.js", import.meta.url), "utf8");
  expect(built).not.toMatch(/\b(import|from)\b\s*["'{(]/);
});

test("whatever it is given, the loader accepts it or says what is wrong in one paragraph", () => {
  const names = [
    "entry",
    "listen",
    "topology",
    "services",
    "stop",
    "restart",
    "name",
    "__proto__",
    "constructor",
    "port",
  ];
  const key = fc.oneof(fc.constantFrom(...names), fc.string());
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withSet: true, withTypedArray: true }),
      fc.constantFrom(":1", "auto", "30s", "./echo.ts", import.meta.filename, () => {}, Symbol("s")),
      fc.array(tie("value")),
      fc.array(fc.tuple(key, tie("value"))).map((entries) => Object.fromEntries(entries)),
    ),
  }));
  fc.assert(
    fc.property(
      value,
      fc.dictionary(fc.constantFrom("PLAIT_ECHO__TOPOLOGY", "PLAIT_SERVICE____PROTO__", "PLAIT___"), fc.string()),
      (config, env) => {
        try {
          parseUnknown(config, { env });
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          expect(error.message).not.toMatch(/[\n\r]/);
          expect(error.message.length).toBeLessThan(4_000);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
