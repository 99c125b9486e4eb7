// Carries out the commands of the control socket. A result is plain data; an error's code and message are sent instead.
import { hideSecrets } from "../hide-secrets.ts";
import type { Supervisor } from "../supervisor.ts";
import type { ControlCommands } from "./commands.ts";

type Handler<C extends keyof ControlCommands> = (
  supervisor: Supervisor,
  params: ControlCommands[C]["params"],
) => ControlCommands[C]["result"] | Promise<ControlCommands[C]["result"]>;

/** How long a call of a service's method may take when nothing is said, in ms. */
const CALL_MS = 30_000;

export const handlers: { readonly [C in keyof ControlCommands]: Handler<C> } = {
  status: (supervisor) => supervisor.status(),
  configuration: (supervisor) => hideSecrets(supervisor.deployment),
  plan: (supervisor) => supervisor.plan(),
  why: async (supervisor, { unit }) => ({ deaths: await supervisor.why(unit) }),
  logs: (supervisor, { wait, ...query }) => supervisor.readLogs(query, wait),
  call: async (supervisor, { unit, method, args = [], timeout = CALL_MS }) => ({
    result: (await supervisor.call(unit, method, args, timeout)) ?? null,
  }),
  "reopen-logs": async (supervisor) => {
    await supervisor.reopenLogs();
    return {};
  },
  dump: async (supervisor, params) => ({ services: await supervisor.dump(params) }),
  profile: async (supervisor, { unit, file, ms }) => {
    await supervisor.record(unit, { kind: "cpu", ms }, file);
    return {};
  },
  heap: async (supervisor, { unit, file }) => {
    await supervisor.record(unit, { kind: "heap" }, file);
    return {};
  },
  reload: async (supervisor) => ({ adjusted: await supervisor.reload() }),
  rollback: async (supervisor) => {
    const { at, entries } = await supervisor.rollback();
    return { at, entries: Object.fromEntries(entries) };
  },
  restart: async (supervisor, { unit }) => {
    await supervisor.restart(unit);
    return {};
  },
  scale: async (supervisor, { processes, service }) => {
    await supervisor.scale(processes, service);
    return {};
  },
  "scale-threads": async (supervisor, { threads, service }) => {
    await supervisor.scaleThreads(threads, service);
    return {};
  },
  "reload-certificates": async (supervisor) => {
    await supervisor.reloadCertificates();
    return {};
  },
  suspend: async (supervisor, { service, listener }) => {
    await supervisor.suspend(service, listener);
    return {};
  },
  resume: async (supervisor, { service, listener }) => {
    await supervisor.resume(service, listener);
    return {};
  },
  stop: async (supervisor, { hurry }) => {
    if (hurry === true) supervisor.hurry();
    await supervisor.stop();
    return {};
  },
};
