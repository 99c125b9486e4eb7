// Finds the number of a group: Node has no call for it.
import { readFileSync } from "node:fs";
import { ControlError } from "../errors.ts";

/**
 * @param group its name in /etc/group, or its number
 * @throws {ControlError} when there is no such group
 */
export function groupId(group: string | number): number {
  if (typeof group === "number") return group;
  const known = readFileSync("/etc/group", "utf8").split("\n");
  const [, , id] = known.map((line) => line.split(":")).find(([name]) => name === group) ?? [];
  if (id === undefined)
    throw new ControlError(`there is no group ${group} in /etc/group; name another in control.readers.group`);
  return Number(id);
}
