#!/usr/bin/env node
import "@plait/cli/require-node";

const { main } = await import("../dist/docs/main.js");
main(process.argv.slice(2));
