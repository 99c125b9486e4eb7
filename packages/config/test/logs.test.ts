// The logs key: what is kept when nothing is said, and paths relative to the configuration.
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { ConfigError, diffDeployment, parseUnknown } from "../src/index.ts";

const entry = import.meta.filename;

test("4 MiB are kept and no file is written unless the configuration says otherwise", () => {
  expect(parseUnknown({ entry }).logs).toEqual({ memory: 4 * 2 ** 20, format: "text" });
  const several = { services: { a: { entry } }, logs: { memory: "1MB", file: "./a.log", format: "json" } };
  expect(parseUnknown(several, { file: "/srv/supervisor.config.json" }).logs).toEqual({
    memory: 1_000_000,
    file: "/srv/a.log",
    format: "json",
  });
  expect(parseUnknown({ entry, logs: { file: "a.log" } }).logs.file).toBe(resolve("a.log"));
});

test.each([[{ memory: "lots" }], [{ file: "" }], [{ format: "xml" }], [{ flie: "a" }], [true]])(
  "%j is refused",
  (logs) => {
    expect(() => parseUnknown({ entry, logs })).toThrow(ConfigError);
    expect(() => parseUnknown({ entry, logs })).toThrow(/logs/);
  },
);

test("a change of it takes a restart", () => {
  const of = (logs: unknown) => parseUnknown({ entry, logs });
  expect(diffDeployment(of({}), of({ memory: "4MiB" }))).toEqual([]);
  expect(diffDeployment(of({}), of({ format: "json" }))).toEqual([
    { key: "logs.format", from: "text", to: "json", apply: "restart" },
  ]);
});

test("the keys of the deployment are no keys of its only service", () => {
  const { services } = parseUnknown({ $schema: "x", entry, health: {}, logs: {}, control: {} });
  for (const key of ["$schema", "health", "logs", "control"]) expect(services[0]).not.toHaveProperty([key]);
});
