// `import "plait/patch"`: promises can be waited on with `yield*`, and blocking calls inside a coroutine are reported.
export * from "@plait/coroutine/patch";
