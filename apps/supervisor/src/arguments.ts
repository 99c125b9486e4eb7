// Reads values from the command line.
import { parseDuration } from "@plait/config/units";
import { InvalidArgumentError } from "commander";

/** An argument parser for whole numbers from `least` on. */
export function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < least) {
      throw new InvalidArgumentError(`"${text}" is not a whole number from ${least} on.`);
    }
    return value;
  };
}

/** A duration such as 500ms or 2m, in ms. */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError(`"${text}" is not a time such as 500ms, 30s or 2m.`);
  return ms;
}

/** A name that is safe in the path of a control socket. */
export function supervisorName(text: string): string {
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(text)) {
    throw new InvalidArgumentError(`"${text}" is not a name of letters, digits, - and _ that starts with a letter.`);
  }
  return text;
}

/** A running supervisor: its name, or the path of its control socket. */
export function supervisorAddress(text: string): string {
  return text.includes("/") ? text : supervisorName(text);
}
