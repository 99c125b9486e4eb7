// supervisor suspend: leaves a listener's new connections in the kernel's queue.
import type { Command } from "commander";
import { defineListenerCommand } from "../listener-command.ts";

export function defineSuspend(program: Command): void {
  const does = "accept no more on a listener: clients wait in the kernel's queue, and open connections go on";
  defineListenerCommand(program, "suspend", does, "\n\nIt lasts until supervisor resume.");
}
