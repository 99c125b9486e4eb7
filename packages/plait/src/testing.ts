// `import … from "plait/testing"`: virtual time, seeded order and a leak check for tests.
export * from "@plait/coroutine/testing";
