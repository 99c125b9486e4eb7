// Fails when a package imports something above it, or something its package.json and tsconfig.json do not name.
// The order is the one of the design (docs/design.md, "The house"): arrows point down only.
import { globSync, readFileSync } from "node:fs";

const allowed: Record<string, readonly string[]> = {
  "packages/coroutine": [],
  "packages/policy": [],
  "packages/net": ["@plait/coroutine"],
  "packages/thread": ["@plait/coroutine", "@plait/policy"],
  "packages/process": ["@plait/policy"],
  "packages/config": ["@plait/policy"],
  "packages/supervisor": [
    "@plait/coroutine",
    "@plait/net",
    "@plait/policy",
    "@plait/thread",
    "@plait/process",
    "@plait/config",
  ],
  "apps/supervisor": ["@plait/coroutine", "@plait/policy", "@plait/config", "@plait/supervisor"],
  "packages/plait": [
    "@plait/coroutine",
    "@plait/net",
    "@plait/thread",
    "@plait/config",
    "@plait/supervisor",
    "@plait/cli",
  ],
  "apps/echo": ["plait", "@plait/cli", "@plait/supervisor"],
  "apps/bench": ["plait", "@plait/cli", "@plait/coroutine", "@plait/net", "@plait/supervisor", "@plait/thread"],
};

const problems: string[] = [];
for (const folder of globSync("{packages,apps}/*").sort()) {
  const mayImport = allowed[folder];
  if (!mayImport) {
    problems.push(`${folder}: not in the list of ${import.meta.filename}; add it where it belongs`);
    continue;
  }
  const manifest = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as { dependencies?: object };
  const declared = Object.keys(manifest.dependencies ?? {});
  for (const name of declared) {
    if (isOurs(name) && !mayImport.includes(name)) problems.push(`${folder}/package.json: may not depend on ${name}`);
  }
  for (const file of globSync(`${folder}/{src,bin,services}/**/*.{ts,js}`)) {
    const code = readFileSync(file, "utf8").replace(/^\s*(\*|\/\/|\/\*).*$/gm, "");
    for (const [, specifier = ""] of code.matchAll(/(?<![.\w])(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      if (/^(\.|node:)/.test(specifier)) {
        if (specifier.includes("/src/") || /^(\.\.\/){3,}/.test(specifier))
          problems.push(`${file}: imports ${specifier}; go through the other package's name`);
        continue;
      }
      const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
      if (isOurs(name) && !mayImport.includes(name)) problems.push(`${file}: may not import ${specifier}`);
      else if (!declared.includes(name)) problems.push(`${file}: imports ${name}, which package.json does not declare`);
    }
  }
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

function isOurs(name: string): boolean {
  return name === "plait" || name.startsWith("@plait/");
}
