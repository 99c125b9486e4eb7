#!/usr/bin/env node
import "./require-node.js";

const { main } = await import("../dist/main.js");
await main(process.argv);
