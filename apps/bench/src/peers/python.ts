// gevent and gunicorn, in whichever Python has them.
import { spawnSync } from "node:child_process";
import { Peer } from "../harness/peer.ts";

const pythons = ["python3", "/usr/bin/python3"];

export const gevent: Peer = new Peer("gevent", () => versionOf("gevent"));

export const gunicorn: Peer = new Peer("gunicorn", () =>
  gevent.version === undefined ? undefined : versionOf("gunicorn"),
);

/** The Python that has gevent. */
export function geventPython(): string {
  return pythons.find((python) => moduleVersion(python, "gevent") !== undefined) ?? "python3";
}

function versionOf(module: string): string | undefined {
  return moduleVersion(geventPython(), module);
}

function moduleVersion(python: string, module: string): string | undefined {
  const found = spawnSync(python, ["-c", `import ${module}; print(${module}.__version__)`], { encoding: "utf8" });
  return found.status === 0 ? found.stdout.trim() : undefined;
}
