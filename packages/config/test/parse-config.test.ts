// What a configuration becomes, and what people are told when it cannot be used.
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfigError, type Deployment, type ParseOptions, parseUnknown } from "../src/index.ts";
import { folderWith } from "./folder.ts";

function parse(config: unknown, options: Omit<ParseOptions, "file"> = {}): Deployment & { folder: string } {
  const folder = folderWith({ "echo.ts": "", "chat.ts": "" });
  return { ...parseUnknown(config, { ...options, file: join(folder, "supervisor.config.ts") }), folder };
}

/** The message without its file, which differs from run to run. */
function complaint(config: unknown, options: Omit<ParseOptions, "file"> = {}): string {
  try {
    parse(config, options);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error).toMatchObject({ code: "ERR_PLAIT_CONFIG", exitCode: 78 });
    expect(error.message).toMatch(/supervisor\.config\.ts: /);
    expect(error.message).not.toContain("\n");
    return error.problems.map((problem) => problem.text).join(" ");
  }
  throw new Error("this configuration was accepted");
}

const entry = "./echo.ts";

test("an entry is enough: everything else has a default", () => {
  const { folder, ...deployment } = parse({ entry });
  expect(deployment).toMatchObject({
    name: "echo",
    file: join(folder, "supervisor.config.ts"),
    services: [
      {
        name: "echo",
        entry: join(folder, "echo.ts"),
        listen: [{ kind: "tcp", host: "127.0.0.1", port: 8080, backlog: 4096, ipv6Only: false }],
        topology: { processes: "auto", threads: "auto", coroutines: 10_000 },
        queue: 0,
        start: { timeout: 30_000 },
        stop: { preDrain: 0, drain: 20_000, cancel: 5_000, kill: 5_000 },
        restart: {
          thread: { when: "always", intensity: 5, period: 30_000, healthyAfter: 10_000 },
          process: { intensity: 5, period: 60_000, backoff: { initial: 100, factor: 2, cap: 30_000 } },
          service: { intensity: 3, period: 300_000 },
        },
      },
    ],
    overrides: [],
  });
});

test("several services are named by their keys, in the order of the file", () => {
  const listen = ":0";
  const { services, name } = parse({
    name: "shop",
    services: { chat: { entry: "./chat.ts", listen }, echo: { entry, listen } },
  });
  expect([name, ...services.map((service) => service.name)]).toEqual(["shop", "chat", "echo"]);
});

test("durations are written as people write them", () => {
  const [service] = parse({
    entry,
    stop: { drain: "1.5m", cancel: 250, kill: "500ms" },
    start: { timeout: "1h" },
  }).services;
  expect(service).toMatchObject({ stop: { drain: 90_000, cancel: 250, kill: 500 }, start: { timeout: 3_600_000 } });
});

test.each<[unknown, string]>([
  [{}, 'entry is missing; write the path of the module whose default export is the service, for example "./echo.ts".'],
  [[], 'The configuration is a list; write an object, for example { "entry": "./echo.ts" }.'],
  [undefined, 'The configuration is undefined; write an object, for example { "entry": "./echo.ts" }.'],
  [{ entry, topolgy: {} }, 'The configuration has no key "topolgy". Did you mean "topology"?'],
  [{ entry, topology: { proceses: 2 } }, 'topology has no key "proceses". Did you mean "processes"?'],
  [{ entry, stop: { xyz: 1 } }, 'stop has no key "xyz". Its keys are preDrain, drain, cancel, kill.'],
  [
    { entry, topology: { threads: -2 } },
    'topology.threads is -2; write a whole number from 0 to 512, or "auto", for example 2.',
  ],
  [
    { entry, topology: { threads: 100_000 } },
    'topology.threads is 100000; write a whole number from 0 to 512, or "auto", for example 2.',
  ],
  [
    { entry, offload: { threads: 513 } },
    'offload.threads is 513; write a whole number from 1 to 512, or "auto", for example 2.',
  ],
  [
    { entry, limits: { threadHeap: "8MiB" } },
    'limits.threadHeap is "8MiB"; write a size of at least "16MiB", or a number of bytes, for example "512MiB".',
  ],
  [
    { entry, topology: { coroutines: "many" } },
    'topology.coroutines is "many"; write a whole number of at least 1, for example 10000.',
  ],
  [
    { entry, topology: 4 },
    'topology is 4; write an object of processes, threads and coroutines, for example {"processes":2,"threads":2}.',
  ],
  [
    { entry, stop: { drain: "-5s" } },
    'stop.drain is "-5s"; write a duration such as "30s", "500ms" or "1.5m", or a number of milliseconds, for example "20s".',
  ],
  [{ entry, services: {} }, "entry cannot stand next to services; move it into the service that it is for."],
  [
    { services: { a: { entry, name: "b" } } },
    'services.a has no key "name". Its keys are entry, listen, topology, queue, placement, offload, user, group, start, stop, reload, recycle, watchdog, limits, restart.',
  ],
  [{ services: {} }, 'services is empty; write at least one, for example { echo: { entry: "./echo.ts" } }.'],
  [
    { services: { "a b": { entry } } },
    '"a b" is no name for a service; write letters, digits, - and _, starting with a letter.',
  ],
  [
    { services: { a: { entry }, b: { entry } } },
    "services.a and services.b both listen on 127.0.0.1:8080; give each its own address.",
  ],
  [
    { services: { a: { entry, queue: null } } },
    "services.a.queue is null; write a whole number of at least 0, for example 1024.",
  ],
])("%j is refused: %s", (config, text) => {
  expect(complaint(config)).toBe(text);
});

test("an entry that does not exist is refused, with the file that was probably meant", () => {
  expect(complaint({ entry: "./ecko.ts" })).toMatch(
    /^entry is "\.\/ecko\.ts", but there is no .*\/ecko\.ts\. Did you mean "echo\.ts"\?$/,
  );
});

test.each(["..", "a\0b", "file://elsewhere/echo.ts", "x".repeat(5_000)])(
  "an entry that can't be a module is refused: %j",
  (entry) => {
    expect(complaint({ entry })).toMatch(/^entry is ".*; name the module whose default export is the service\.$/);
  },
);

test("several problems are told at once", () => {
  expect(complaint({ topology: { threads: -1 }, quue: 3 })).toMatch(
    /entry is missing.* topology\.threads is -1.* no key "quue"/,
  );
});

test("a variable of the environment wins over the file, and `set` wins over both", () => {
  const env = {
    PLAIT_ECHO__TOPOLOGY__PROCESSES: "4",
    PLAIT_ECHO__RESTART__THREAD__HEALTHY_AFTER: "3s",
    PLAIT_OTHER__QUEUE: "1",
  };
  const deployment = parse({ entry, topology: { processes: 1, threads: 3 } }, { env, set: { "topology.threads": 5 } });
  expect(deployment.services[0]).toMatchObject({
    topology: { processes: 4, threads: 5 },
    restart: { thread: { healthyAfter: 3_000 } },
  });
  expect(deployment.overrides.map((override) => override.variable)).toEqual(Object.keys(env).slice(0, 2));
});

test("variables find services whose names they can't spell", () => {
  const config = { services: { "my-chat": { entry, listen: { main: ":1" } } } };
  const env = { PLAIT_MY_CHAT__QUEUE: "7", PLAIT_MY_CHAT__LISTEN__main: "127.0.0.1:2" };
  expect(parse(config, { env }).services[0]).toMatchObject({ queue: 7, listen: [{ name: "main", port: 2 }] });
});

test("a wrong value is traced to the variable that set it", () => {
  expect(complaint({ entry }, { env: { PLAIT_ECHO__QUEUE: "long" } })).toBe(
    'queue is "long"; write a whole number of at least 0, for example 1024. (It is set by PLAIT_ECHO__QUEUE.)',
  );
});

test("a variable for a key that does not exist is refused", () => {
  const parseIt = () => parse({ entry }, { env: { PLAIT_ECHO__TOPOLOGY__PROCES: "4" } });
  expect(parseIt).toThrow('PLAIT_ECHO__TOPOLOGY__PROCES: topology has no key "proces". Did you mean "processes"?');
});

test("a variable that may mean two services is refused", () => {
  const services = { "my-chat": { entry, listen: ":1" }, my_chat: { entry, listen: ":2" } };
  expect(() => parse({ services }, { env: { PLAIT_MY_CHAT__QUEUE: "1" } })).toThrow(
    "PLAIT_MY_CHAT__QUEUE may mean my-chat or my_chat; give them names that differ in letters or digits.",
  );
});

test("`set` is refused where it is not clear which service it is for", () => {
  const services = { echo: { entry, listen: ":1" }, chat: { entry, listen: ":2" } };
  expect(complaint({ services }, { set: { queue: 1 } })).toBe(
    "queue was given for one service, and there are 2; set it in the configuration.",
  );
});
