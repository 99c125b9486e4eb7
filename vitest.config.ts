// One Vitest run over every package: `npx vitest run packages/net` narrows it to a folder.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Forks, not threads: the suites kill processes, send signals and start threads of their own.
    pool: "forks",
    // Every core: much of a run is waiting for programs to start, and the default leaves one core out.
    maxWorkers: "100%",
    // To end what hangs. A machine that does something else besides must not fail a test.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    // Hundreds of programs are started that load the same code: what V8 makes of it is kept.
    env: { NODE_COMPILE_CACHE: `${import.meta.dirname}/node_modules/.cache/compile` },
    projects: [
      {
        extends: true,
        // Tests of net look inside it: what they and its examples import has to be the same module (tsconfig.tests.json says so too).
        resolve: { alias: { "@plait/net": `${import.meta.dirname}/packages/net/src/index.ts` } },
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
