// supervisor resume: accepts again on a listener that was suspended.
import type { Command } from "commander";
import { defineListenerCommand } from "../listener-command.ts";

export function defineResume(program: Command): void {
  const does = "accept again on a listener that was suspended, beginning with the clients that wait";
  defineListenerCommand(program, "resume", does);
}
