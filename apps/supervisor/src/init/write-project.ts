// Puts a new project into a folder, without overwriting anything that it was not told to.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { manifest, type ProjectChoices, projectFiles, projectName } from "./project.ts";

/** The shape of `supervisor init --json`. */
export interface WrittenProject {
  /** Absolute. */
  readonly folder: string;
  readonly name: string;
  readonly written: readonly string[];
  /** A manifest that was there already: it is never touched. */
  readonly kept: readonly string[];
}

export interface WriteOptions extends ProjectChoices {
  /** Overwrite a service and a configuration that are there. */
  readonly force: boolean;
  /** The version of plait that the project asks for. */
  readonly version: string;
}

/** The project could not be written; nothing that was there has been changed. */
export class InitError extends Error {
  override readonly name = "InitError";
  readonly code = "ERR_PLAIT_INIT";
}

/**
 * Writes the files of a new project.
 *
 * @throws {InitError} when one of them is there and `force` is false, or the folder can't be written
 */
export function writeProject(target: string, { force, version, ...choices }: WriteOptions): WrittenProject {
  const folder = resolve(target);
  const name = projectName(folder);
  const files = [...projectFiles(name, choices)];
  const there = files.filter((file) => existsSync(join(folder, file.name))).map((file) => file.name);
  if (there.length > 0 && !force) {
    throw new InitError(
      `${folder} has a ${there.join(" and a ")} already; choose another folder, or overwrite with --force`,
    );
  }
  const kept = existsSync(join(folder, "package.json")) ? ["package.json"] : [];
  if (kept.length === 0) files.push(manifest(name, version));
  try {
    mkdirSync(folder, { recursive: true });
    for (const file of files) writeFileSync(join(folder, file.name), file.text, { flag: force ? "w" : "wx" });
  } catch (error) {
    const { message } = error as Error;
    throw new InitError(`the project can't be written to ${folder}: ${message}`, { cause: error });
  }
  return { folder, name, written: files.map((file) => file.name), kept };
}
