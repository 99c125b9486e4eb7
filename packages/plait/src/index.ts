// The package people install: what a service needs, and a way to run it from a program.
//
// Serving threads import this file too, so it loads no supervisor until somebody asks for one.

export { defineConfig } from "@plait/config/define";
export * from "@plait/coroutine";
export * from "@plait/net";
export type { Candidate, Placement } from "@plait/thread";
export * from "@plait/thread/channel";
export * from "@plait/thread/offload";
export * from "@plait/thread/remote";
export { supervise } from "./supervise.ts";
