// The health key: off unless it is there, loopback unless it says otherwise, and the same for one service and for several.
import { expect, test } from "vitest";
import { ConfigError, deploymentKeys, diffDeployment, parseUnknown } from "../src/index.ts";

const entry = import.meta.filename;

test("health is off unless it is configured, and on the loopback address unless it says otherwise", () => {
  expect(parseUnknown({ entry }).health).toBeUndefined();
  expect(parseUnknown({ entry, health: {} }).health?.listen).toMatchObject({ host: "127.0.0.1", port: 9090 });
  expect(parseUnknown({ entry, health: { listen: ":1" } }).health?.listen).toMatchObject({ host: undefined, port: 1 });
  const several = { services: { a: { entry } }, health: { listen: "./health.sock" } };
  expect(parseUnknown(several).health?.listen).toMatchObject({ kind: "unix" });
});

test.each([[{ listen: "nowhere" }], [{ listen: "inherit:3" }], [{ lisen: ":1" }], [true]])(
  "%j is refused",
  (health) => {
    expect(() => parseUnknown({ entry, health })).toThrow(ConfigError);
    expect(() => parseUnknown({ entry, health })).toThrow(/health/);
  },
);

test("a change of health takes a restart", () => {
  const of = (health: unknown) => parseUnknown({ entry, health });
  expect(diffDeployment(of({}), of({}))).toEqual([]);
  expect(diffDeployment(of(undefined), of({}))).toEqual([
    { key: "health.listen", from: undefined, to: "127.0.0.1:9090", apply: "restart" },
  ]);
});

test("its keys are in the reference", () => {
  expect(deploymentKeys().map(({ key }) => key)).toEqual(expect.arrayContaining(["health", "health.listen"]));
});
