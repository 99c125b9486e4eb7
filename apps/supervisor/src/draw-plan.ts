// Draws what "supervisor plan" found out, for people.
import type { ServiceChange } from "@plait/config";
import type { Plan } from "@plait/supervisor";
import { colors } from "./colors.ts";
import { toJson } from "./json.ts";

const meanings: Readonly<Record<ServiceChange["change"], string>> = {
  none: "nothing changes",
  live: "changed in place; nothing is replaced",
  roll: "its processes are replaced one by one, new before old",
  restart: "it is stopped and started",
  added: "it is started",
  removed: "it is stopped",
};

/** The plan, a service at a time, with the keys that make it so. */
export function drawPlan({ name, file, keys, changes }: Plan): string {
  const lines = [`${colors.bold(name)}, compared with ${file ?? "what it was started with"}`];
  for (const { key, from, to } of keys) lines.push(`${key}: ${show(from)} -> ${show(to)} (restart the supervisor)`);
  for (const { service, change, keys } of changes) {
    lines.push(`${service}: ${change === "none" ? "" : `${colors.yellow(change)}, `}${meanings[change]}`);
    for (const { key, from, to, apply } of keys) lines.push(`  ${key}: ${show(from)} -> ${show(to)} (${apply})`);
  }
  return lines.join("\n");
}

function show(value: unknown): string {
  return toJson(value) ?? "not set";
}
