// Sockets that a launcher made and passed, in the protocol of systemd's socket activation.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { bin, Client, refused, service, temporaryFolder } from "./supervisor-program.ts";

/** Listens on a TCP and a unix socket, and executes a program with both for each line that it reads. */
const LAUNCHER = `
import os, socket, sys
tcp = socket.socket(); tcp.bind(("127.0.0.1", 0)); tcp.listen(16)
unix = socket.socket(socket.AF_UNIX); unix.bind(sys.argv[1]); unix.listen(16)
print(tcp.getsockname()[1], flush=True)
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        # Away from 3 and 4 first: one of them may be the other's place.
        fds = [os.dup(tcp.fileno()), os.dup(unix.fileno())]
        high = [os.dup2(fd, 100 + at) for at, fd in enumerate(fds)]
        for at, fd in enumerate(high): os.dup2(fd, 3 + at)
        os.closerange(5, 110)
        env = dict(os.environ, LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES="web:local")
        os.execve(sys.argv[2], sys.argv[2:], env)
    print("started", pid, flush=True)
    os.waitpid(pid, 0)
    print("ended", flush=True)
`;

class Launcher {
  readonly port: Promise<number>;
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #pid = 0;

  constructor(path: string, config: string) {
    const env = { ...process.env, XDG_RUNTIME_DIR: temporaryFolder(), NO_COLOR: "1" };
    const args = ["-c", LAUNCHER, path, process.execPath, bin, "start", config];
    this.child = spawn("python3", args, { stdio: ["pipe", "pipe", "ignore"], env });
    const { stdout } = this.child;
    if (stdout === null) throw new Error("the launcher has no output");
    this.#lines = createInterface(stdout)[Symbol.asyncIterator]();
    this.port = this.until(/^(\d+)$/).then(Number);
    const exited = once(this.child, "exit");
    onTestFinished(async () => {
      if (this.#pid > 0) process.kill(this.#pid, "SIGKILL");
      this.child.kill();
      await exited;
    });
  }

  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`the launcher ended without ${pattern}`);
      const match = pattern.exec(value);
      if (match) return match[1] ?? "";
    }
  }

  async start(): Promise<void> {
    this.child.stdin?.write("go\n");
    this.#pid = Number(await this.until(/^started (\d+)$/));
  }

  async stop(): Promise<void> {
    process.kill(this.#pid, "SIGTERM");
    await this.until(/^ended$/);
    this.#pid = 0;
  }
}

test.skipIf(spawnSync("python3", ["--version"]).status !== 0)(
  "inherited sockets are served, also to clients from before the start, and outlive the supervisor",
  async () => {
    const folder = temporaryFolder();
    const config = join(folder, "supervisor.config.json");
    const path = join(folder, "echo.sock");
    const listen = ["inherit:web", "inherit:local"];
    writeFileSync(
      config,
      JSON.stringify({ entry: service("echo.ts"), listen, topology: { processes: 2, threads: 1 } }),
    );
    const launcher = new Launcher(path, config);
    const port = await launcher.port;
    for (let round = 1; round <= 2; round++) {
      const early = new Client(port);
      const answer = early.ask("early");
      await once(early.socket, "connect");
      await launcher.start();
      expect(await answer).toBe("EARLY");
      const late = await Client.connect(port);
      expect(await late.ask("late")).toBe("LATE");
      const local = connect(path);
      local.write("local");
      expect(String((await once(local, "data"))[0])).toBe("LOCAL");
      // A drain waits for who is still there.
      for (const { socket } of [early, late]) socket.end();
      local.destroy();
      await launcher.stop();
    }
    launcher.child.kill();
    await refused(port);
  },
  40_000,
);
