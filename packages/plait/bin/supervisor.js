#!/usr/bin/env node
import "@plait/cli/bin";
