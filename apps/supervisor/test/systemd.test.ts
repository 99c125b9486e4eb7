// Started as systemd starts a unit with a socket: it serves from that socket, and says how it is.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Client, here } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

const has = (program: string) => spawnSync(program, ["--version"]).status === 0;
/** The test's systemd is a Python program, and the notifications are sent by systemd's own. */
const canRun = has("python3") && has("systemd-notify");

test.skipIf(!canRun)(
  "a passed socket is served, and systemd hears READY, WATCHDOG, RELOADING, READY and STOPPING",
  async () => {
    const deployed = new VersionedService({ listen: "inherit:http", topology: { processes: 2, threads: 1 } });
    const heard = join(deployed.folder, "heard");
    const running = await deployed.start({ launcher: ["python3", join(here, "activation.py"), heard] });
    const client = await Client.connect(running.port);
    expect(await client.ask("hello")).toBe("HELLO");
    client.socket.end();
    await line(heard, /^READY=1 STATUS=serving/m);
    await line(heard, /^WATCHDOG=1$/m);
    expect(await deployed.command("reload", "versioned")).toMatchObject({ code: 0 });
    await line(heard, /^RELOADING=1 MONOTONIC_USEC=\d+\n(WATCHDOG=1\n)*READY=1/m);
    // What a unit of Type=notify-reload sends, and waits for, also where nothing comes of it.
    deployed.write("{ broken");
    running.signal("SIGHUP");
    await line(heard, /RELOADING=1 MONOTONIC_USEC=\d+\n(WATCHDOG=1\n)*READY=1 STATUS=serving; not reloaded: /m);
    deployed.configure({ listen: "inherit:http", topology: { processes: 2, threads: 1 }, reload: { soak: "10m" } });
    deployed.deploy("2");
    running.signal("SIGHUP");
    await running.until(/p1 is ready \(incarnation 3\)/);
    running.signal("SIGTERM");
    expect(await running.exited).toMatchObject({ code: 0 });
    await line(heard, /RELOADING=1 MONOTONIC_USEC=\d+\n(WATCHDOG=1\n)*STOPPING=1$/m);
  },
  60_000,
);

/** Another process writes the file: look until it is there. */
async function line(file: string, pattern: RegExp): Promise<void> {
  while (!existsSync(file) || !pattern.test(readFileSync(file, "utf8"))) await sleep(20);
}
