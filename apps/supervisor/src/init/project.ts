// The files of a new project: what "supervisor init" writes. Their text is in templates/.
import { readFileSync } from "node:fs";
import { ownFile } from "../own-file.ts";

/** How the service is written: both wait at the same places, and serve the same. */
export const styles = ["generator", "async"] as const;
export type Style = (typeof styles)[number];

export interface ProjectChoices {
  readonly style: Style;
  /** An address, as the `listen` key takes it. */
  readonly listen: string;
}

export interface ProjectFile {
  readonly name: string;
  readonly text: string;
}

/** The project's own files. They are written together or not at all. */
export function projectFiles(name: string, { style, listen }: ProjectChoices): readonly ProjectFile[] {
  const config = template("supervisor.config.ts")
    .replace('"a-name"', JSON.stringify(name))
    .replace('"an-address"', () => JSON.stringify(listen));
  return [
    { name: "service.ts", text: template(`service.${style}.ts`) },
    { name: "supervisor.config.ts", text: config },
  ];
}

/** The manifest of a project that has none. */
export function manifest(name: string, version: string): ProjectFile {
  const content = {
    name,
    private: true,
    type: "module",
    engines: { node: "^24.20 || >=26.6" },
    scripts: { start: "supervisor start", check: "supervisor check" },
    dependencies: { plait: `^${version}` },
  };
  return { name: "package.json", text: `${JSON.stringify(content, null, 2)}\n` };
}

/**
 * A name for the project of a folder: lower-case, and right for npm and for the configuration alike.
 *
 * @example
 * ```ts
 * projectName("/home/me/My Shop"); // => "my-shop"
 * ```
 */
export function projectName(folder: string): string {
  const [last = ""] = folder.split(/[\\/]/).filter(Boolean).slice(-1);
  const name = last
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 63)
    .replace(/-+$/, "");
  return name || "service";
}

function template(name: string): string {
  return readFileSync(ownFile(`templates/${name}`), "utf8");
}
