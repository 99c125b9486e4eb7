#!/usr/bin/env node
import "@plait/cli/require-node";

const { main } = await import("../dist/main.js");
await main(process.argv.slice(2));
