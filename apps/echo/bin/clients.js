#!/usr/bin/env node
import "@plait/cli/require-node";

const { main } = await import("../dist/clients.js");
await main(process.argv);
