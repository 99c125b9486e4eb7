// Reloads a supervisor when the files of its services change: once for many changes, and again for those that come meanwhile.
import { dirname, relative } from "node:path";
import type { Deployment } from "@plait/config";
import type { Supervisor } from "@plait/supervisor";
import { explain } from "./explain.ts";
import { FolderWatch } from "./folder-watch.ts";

/** Changes that come within so many ms are one: an editor writes a file in several steps. */
const DEBOUNCE = 150;

/** Under `--watch` a reload must not take long: no trial, and open connections have this long to end, in ms. */
const DRAIN = 1_000;

/** The deployment with reloads that are done at once, for development. */
export function hastened(deployment: Deployment): Deployment {
  const services = deployment.services.map((service) => ({
    ...service,
    reload: { ...service.reload, soak: 0 },
    stop: { ...service.stop, drain: Math.min(service.stop.drain, DRAIN) },
  }));
  return { ...deployment, services };
}

/**
 * Watches the folders of the services' modules and of the configuration.
 *
 * @param log takes one line about each reload
 * @returns what ends it
 */
export function reloadOnChange(supervisor: Supervisor, log: (line: string) => void): Disposable {
  const { services, file } = supervisor.deployment;
  const folders = new Set([
    ...services.map(({ entry }) => dirname(entry)),
    ...(file === undefined ? [] : [dirname(file)]),
  ]);
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let isReloading = false;

  const reload = async () => {
    if (isReloading || changed.size === 0 || supervisor.stopping) return;
    isReloading = true;
    const [first = "", ...others] = [...changed].map((path) => relative(process.cwd(), path));
    changed.clear();
    log(`${first} changed${others.length > 0 ? `, and ${others.length} more` : ""}`);
    // The old code goes on serving: the next change may be the correction.
    await supervisor.reload().catch((error: unknown) => log(explain(error)));
    isReloading = false;
    // What came meanwhile may have come too late for the processes that had just started.
    await reload();
  };
  const onChange = (path: string) => {
    changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(() => void reload(), DEBOUNCE);
  };
  const watches = [...folders].map((folder) => new FolderWatch(folder, onChange));
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const each of watches) each.close();
    },
  };
}
