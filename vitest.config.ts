// One Vitest run over every package: `npx vitest run packages/net` narrows it to a folder.
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Forks, not threads: the suites kill processes, send signals and start threads of their own.
    pool: "forks",
    // More than cores: a third of a run is waiting for programs that start, drain or are let die.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    include: ["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    typecheck: {
      include: ["packages/*/test/**/*.test-d.ts"],
      tsconfig: "./tsconfig.tests.json",
    },
  },
});
