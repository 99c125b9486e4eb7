// What an editor accepts in a configuration, and what it marks.
import { test } from "vitest";
import { defineConfig } from "../src/define.ts";

test("both forms are accepted", () => {
  defineConfig({ entry: "./echo.ts", listen: [":80", { port: 1 }], stop: { drain: "20s", cancel: 5 } });
  defineConfig({
    name: "shop",
    services: { echo: { entry: "./echo.ts", listen: { main: { path: "/x", mode: 0o660 } } } },
  });
});

test("misspelt keys, wrong values and mixed forms are marked", () => {
  // @ts-expect-error a key that does not exist
  defineConfig({ entry: "./echo.ts", topolgy: {} });
  // @ts-expect-error a key that does not exist, further in
  defineConfig({ entry: "./echo.ts", topology: { proceses: 2 } });
  // @ts-expect-error not a duration
  defineConfig({ entry: "./echo.ts", stop: { drain: "soon" } });
  // @ts-expect-error the entry is missing
  defineConfig({ listen: ":80" });
  // @ts-expect-error one service, or several
  defineConfig({ entry: "./echo.ts", services: {} });
  // @ts-expect-error a service under services is named by its key
  defineConfig({ services: { echo: { entry: "./echo.ts", name: "other" } } });
});
