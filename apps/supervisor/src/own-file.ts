// The files of this package, for whatever of its code asks: an address holds only for modules of this one folder.
import { readFileSync } from "node:fs";

/** @param path from the package's folder */
export function ownFile(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}

/** Every package of Plait has the same version. */
export function ownVersion(): string {
  return (JSON.parse(readFileSync(ownFile("package.json"), "utf8")) as { version: string }).version;
}
