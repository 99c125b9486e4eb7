// The servers under test as commands.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServerProgram } from "../harness/server.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";
import { goProgram } from "../peers/go.ts";
import { geventPython } from "../peers/python.ts";

const compiled = import.meta.dirname;
/** Where the programs are that TypeScript does not compile. */
const sources = fileURLToPath(new URL("../../src/servers/", import.meta.url));
const supervisor = fileURLToPath(import.meta.resolve("@plait/cli/bin"));

/** Raw node:net in one process. */
export function raw(reply: string): ServerProgram {
  return node("raw-main.js", reply);
}

/** Plait's connections in one process, without threads and supervisor. */
export function plaitConnections(service: string): ServerProgram {
  return node("plait-main.js", service);
}

/** `supervisor start`, as a user runs it. */
export function plait(service: string, processes: number, threads: number): ServerProgram {
  return {
    command: (port) => [
      process.execPath,
      supervisor,
      "start",
      entryOf(service),
      ...["-p", String(processes), "-t", String(threads), "-l", `127.0.0.1:${port}`, "--name", nameOf(port)],
    ],
    announces: "Ctrl-C",
  };
}

/** The same with `accept: "direct"`: threads accept for themselves. */
export function plaitDirect(service: string, processes: number, threads: number): ServerProgram {
  return {
    command: (port) => {
      const config = {
        name: nameOf(port),
        entry: entryOf(service),
        listen: { host: "127.0.0.1", port, accept: "direct" },
        topology: { processes, threads },
      };
      const file = join(temporaryFolder(), "supervisor.config.json");
      writeFileSync(file, JSON.stringify(config));
      return [process.execPath, supervisor, "start", file];
    },
    announces: "Ctrl-C",
  };
}

function entryOf(service: string): string {
  return `${compiled}/services/${service}.js`;
}

/** The name of the supervisor that serves on a port. */
export function nameOf(port: number): string {
  return `bench-${port}`;
}

/** `supervisor reload` for the one that serves on a port. */
export function reloadCommand(port: number): readonly [string, ...string[]] {
  return [process.execPath, supervisor, "reload", nameOf(port)];
}

export function cluster(reply: string, workers: number): ServerProgram {
  return node("cluster-main.js", reply, String(workers));
}

export function piscina(threads: number): ServerProgram {
  return node("piscina-main.js", String(threads));
}

/** PM2 in the foreground, on node:cluster, with a home of its own that goes away with it. */
export function pm2Cluster(reply: string, workers: number): ServerProgram {
  return {
    command: (port) => [
      ...["pm2", "start", `${compiled}/raw-main.js`, "--no-daemon", "--name", nameOf(port), "-i", String(workers)],
      ...["--", String(port), reply],
    ],
    env: { PM2_HOME: temporaryFolder() },
  };
}

export function goServer(reply: string): ServerProgram {
  return { command: (port) => [goProgram(`${sources}go/main.go`), String(port), reply] };
}

export function geventServer(reply: string): ServerProgram {
  return { command: (port) => [geventPython(), `${sources}gevent_server.py`, String(port), reply] };
}

export function erlangServer(reply: string): ServerProgram {
  return { command: (port) => ["escript", `${sources}erlang_server.escript`, String(port), reply] };
}

/** The HTTP server under gunicorn with gevent's workers. */
export function gunicornServer(workers: number): ServerProgram {
  const module = ["--chdir", sources, "gunicorn_app:application"];
  return {
    command: (port) => [
      ...[geventPython(), "-m", "gunicorn", "-k", "gevent", "-w", String(workers), "-b", `127.0.0.1:${port}`],
      ...module,
    ],
  };
}

/** On every core, which it then shares with the load. */
export function everyCore(program: ServerProgram): ServerProgram {
  return { ...program, cores: "any" };
}

/** With the environment set. */
export function within(env: Readonly<Record<string, string>>, program: ServerProgram): ServerProgram {
  return { ...program, env: { ...program.env, ...env } };
}

function node(program: string, ...args: readonly string[]): ServerProgram {
  return { command: (port) => [process.execPath, "--expose-gc", `${compiled}/${program}`, String(port), ...args] };
}
