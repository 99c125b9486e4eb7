// Reads values from the command line.
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

/** A name that is safe in the path of a control socket. */
export function supervisorName(text: string): string {
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(text)) {
    throw new InvalidArgumentError(`"${text}" is not a name of letters, digits, - and _ that starts with a letter.`);
  }
  return text;
}
