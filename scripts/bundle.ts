// Writes a package's JavaScript: `node ../../scripts/bundle.ts` in its folder, after tsc has checked it and written its types.
//
// A file for each thing that can be imported or executed, and one for what several of them share, instead of one for each
// source file: a thread that loads 160 files takes twice as long to start (docs/design.md has the figures).
import { globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";

/** What is run by path and not imported: the program of a command, and the first modules of threads and processes. */
const PROGRAMS = "{main,*-main}.ts";

interface Manifest {
  readonly exports: Readonly<Record<string, string | null | { readonly default: string }>>;
}

const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const imported = Object.values(exports)
  .flatMap((target) => (target !== null && typeof target === "object" ? [target.default] : []))
  .map((file) => file.replace("./dist/", "").replace(/\.js$/, ".ts"));
const entries = [...imported, ...globSync(PROGRAMS, { cwd: "src" })];

const bundle = await rolldown({
  input: Object.fromEntries(entries.map((file) => [file.replace(/\.ts$/, ""), join("src", file)])),
  // What has a name is another package, and stays one.
  external: (id) => !/^[./]/.test(id),
  platform: "node",
});
for (const old of globSync("dist/**/*.{js,js.map}")) rmSync(old);
await bundle.write({
  dir: "dist",
  // Modules find their neighbours by their own address, so keep every file that has code in dist itself.
  chunkFileNames: "[name]-shared.js",
  sourcemap: true,
  // V8 keeps the text of what it has loaded: without comments it is a quarter less, and half of it where all is ASCII.
  comments: false,
  charset: "ascii",
});
