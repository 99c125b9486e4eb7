// One Vitest run over every package: `npx vitest run packages/net` narrows it to a folder.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Forks, not threads: the suites kill processes, send signals and start threads of their own.
    pool: "forks",
    // Every core: much of a run is waiting for programs to start, and the default leaves one core out.
    maxWorkers: "100%",
    testTimeout: 20_000,
    hookTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: {
          name: "packages",
          include: ["packages/*/test/**/*.test.ts"],
          typecheck: { enabled: true, include: ["packages/*/test/**/*.test-d.ts"], tsconfig: "./tsconfig.tests.json" },
        },
      },
      {
        extends: true,
        test: {
          name: "programs",
          include: ["apps/*/test/**/*.test.ts"],
          // What they test runs in programs of its own: loading the clients once a worker is enough.
          isolate: false,
        },
      },
    ],
  },
});
