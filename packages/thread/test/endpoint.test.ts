import { MessageChannel } from "node:worker_threads";
import * as Comlink from "comlink";
import { afterEach, expect, test } from "vitest";
import { callingEndpoint, exposeMethods } from "../src/endpoint.ts";

class StockError extends Error {
  override readonly name = "StockError";
  readonly code = "ERR_STOCK";
}

interface Api {
  add(a: number, b: number): number;
  never(): Promise<void>;
  fail(): void;
  secret(): string;
  constructor: { constructor(code: string): unknown };
}

const open: { close(): void }[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

function connected() {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const methods = {
    add: (a: number, b: number) => a + b,
    amount: 1,
    never: () => new Promise<void>(() => {}),
    fail: () => {
      throw new StockError("sold out", { cause: new Error("warehouse") });
    },
  };
  Object.defineProperty(methods, "secret", { value: () => "hidden", enumerable: false });
  exposeMethods(methods, port2);
  const api = Comlink.wrap<Api>(callingEndpoint(port1, () => new Error("p1.t1 ended")));
  return { api, port1, port2 };
}

test("a call returns what the method returns", async () => {
  expect(await connected().api.add(1, 2)).toBe(3);
});

test("calls that are open when the port closes reject with the error that says who died", async () => {
  const { api, port2 } = connected();
  await api.add(1, 1);
  const calls = [api.never(), api.never()];
  port2.close();
  for (const call of calls) await expect(call).rejects.toThrow("p1.t1 ended");
});

test("a call on a closed port rejects, it does not hang", async () => {
  const { api, port1, port2 } = connected();
  const closed = new Promise((resolve) => port1.once("close", resolve));
  port2.close();
  await closed;
  await expect(api.add(1, 2)).rejects.toThrow("p1.t1 ended");
});

test("an error keeps its name, code, message and cause", async () => {
  const error = await Promise.resolve(connected().api.fail()).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "StockError", code: "ERR_STOCK", message: "sold out" });
  expect((error as Error).cause).toMatchObject({ message: "warehouse" });
});

test("only the table's own enumerable functions can be called", async () => {
  const { api } = connected();
  await expect(api.secret()).rejects.toThrow('"secret" is not a method');
  await expect(api.constructor.constructor("return process")).rejects.toThrow("is not a method");
});

test("a method can't be read, replaced or constructed, and what is no function can't be called", async () => {
  const { api, port1 } = connected();
  const untyped = api as unknown as { add: unknown; amount(): Promise<unknown> };
  // As Comlink sends it when a property of a proxy is set.
  port1.postMessage({ id: "a", type: "SET", path: ["add"], value: { type: "RAW", value: 1 } });
  expect(await api.add(1, 2)).toBe(3);
  await expect(Promise.resolve(untyped.add)).rejects.toThrow('"add" is not a method');
  await expect(new (untyped.add as new () => Promise<unknown>)()).rejects.toThrow('"add" is not a method');
  await expect(untyped.amount()).rejects.toThrow('"amount" is not a method');
});
