// The side of the process tier that runs inside a process: it answers the supervisor and holds no policy.
import { serializeError } from "serialize-error";
import { blockOutput } from "./blocking-output.ts";
import type { NativeHandle } from "./native-handle.ts";
import { ScoreboardEntries } from "./scoreboard.ts";
import { watchSupervisor } from "./watch-supervisor.ts";
import { type FromProcess, isOurs, SCOREBOARD, type ToProcess } from "./wire.ts";

export { answerSideDoor } from "./side-door.ts";

/** What a process is told when it starts. */
export interface ProcessStart {
  /** The unit's id, for example `"p2"`. */
  readonly unit: string;
  /** How many processes this slot had before, plus one. */
  readonly incarnation: number;
  /** Whatever the group was given as `body`: plain data. */
  readonly body: unknown;
  /**
   * One more kernel duplicate of the group's listener with that index, for a thread that accepts by itself. Whoever asks
   * owns it. Undefined when the listener is closed.
   */
  readonly duplicate: (listener: number) => Promise<NativeHandle | undefined>;
  /** Numbers that outlive this process. They are saved once more when it exits by itself. */
  readonly scoreboard: ScoreboardEntries;
  /** Tells the supervisor something; plain data. Lost when the supervisor is gone. */
  readonly tell: (event: unknown) => void;
  /** Gives up: tells the supervisor why and ends this process. */
  readonly fail: (reason: string) => void;
}

/** What runs in a process. */
export interface ProcessBody {
  /** Accept from this duplicate of the group's listener with that index, until drained. */
  listen(handle: NativeHandle, listener: number, backlog: number): Promise<void>;
  /** What the supervisor may call. Arguments and results are plain data. */
  readonly methods: Readonly<Record<string, (...args: readonly never[]) => unknown>>;
}

export interface ProcessOptions {
  /**
   * URL of a module that runs beside the main thread, in the thread that watches the supervisor: for what has to work while
   * the main thread spins. It calls `answerSideDoor`.
   */
  readonly beside?: string;
}

/**
 * Turns this process into one of a group's processes. Call it once, first thing, from the file that the group executes.
 *
 * It ends the process when the supervisor says so, or is gone, whatever the process is doing then.
 *
 * @param start loads what the process serves; when it rejects, the supervisor is told the error and its cause
 */
export function enterProcess(start: (start: ProcessStart) => Promise<ProcessBody>, options: ProcessOptions = {}): void {
  // A terminal sends Ctrl-C, Ctrl-\ and hang-ups to every process in the foreground; only the supervisor acts on them.
  for (const signal of ["SIGINT", "SIGQUIT", "SIGHUP", "SIGTERM"] as const) process.on(signal, () => {});

  blockOutput();
  watchSupervisor(options.beside);

  const handles: { handle: NativeHandle; listener: number; backlog: number }[] = [];
  const allHandles = Promise.withResolvers<void>();
  const duplicates = new Map<number, (handle: NativeHandle | undefined) => void>();
  let lastRequest = 0;
  let expected = Number.POSITIVE_INFINITY;
  let body: ProcessBody | undefined;

  const onStart = async ({ unit, incarnation, places, beatEvery, body: data }: Start) => {
    const scoreboard = new ScoreboardEntries(places, SCOREBOARD);
    process.on("exit", () => scoreboard.save());
    try {
      const tell = (event: unknown) => send({ plait: "event", event });
      body = await start({ unit, incarnation, body: data, scoreboard, duplicate, tell, fail });
      await allHandles.promise;
      for (const { handle, listener, backlog } of handles) await body.listen(handle, listener, backlog);
      send({ plait: "ready" });
      setInterval(() => scoreboard.beat(), beatEvery).unref();
    } catch (error) {
      send({ plait: "failed", error: serializeError(error) });
    }
  };

  const duplicate = async (listener: number) => {
    const request = ++lastRequest;
    const answer = Promise.withResolvers<NativeHandle | undefined>();
    duplicates.set(request, answer.resolve);
    const ask = () => send({ plait: "dup", request, listener });
    ask();
    // Ask again: Node gives a handle up that this process has no descriptor for, and tells nobody.
    const asking = setInterval(ask, ASK_AGAIN_MS).unref();
    try {
      return await answer.promise;
    } finally {
      clearInterval(asking);
    }
  };

  const onCall = async ({ call, method, args }: Extract<ToProcess, { plait: "call" }>) => {
    try {
      const methods = body?.methods ?? {};
      const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
      if (!run) throw new TypeError(`a process has no method "${method}"`);
      send({ plait: "reply", call, value: await run(...(args as readonly never[])) });
    } catch (error) {
      send({ plait: "reply", call, error: serializeError(error) });
    }
  };

  process.on("message", (message: unknown, handle: unknown) => {
    if (!isOurs(message)) return;
    const told = message as ToProcess;
    if (told.plait === "start") {
      expected = told.listeners;
      void onStart(told);
    } else if (told.plait === "listen") {
      handles.push({ handle: handle as NativeHandle, listener: told.listener, backlog: told.backlog });
    } else if (told.plait === "duplicate") {
      const received = handle as NativeHandle | undefined;
      const settle = duplicates.get(told.request);
      duplicates.delete(told.request);
      if (settle) settle(received);
      // It was asked for again meanwhile.
      else received?.close();
    } else if (told.plait === "call") {
      void onCall(told);
    } else if (told.plait === "exit") {
      process.exit(0);
    }
    if (handles.length >= expected) allHandles.resolve();
  });
}

type Start = Extract<ToProcess, { plait: "start" }>;

function send(message: FromProcess, sent: () => void = () => {}): void {
  // An error means that the supervisor is gone; `disconnect` then ends this process.
  if (process.connected) process.send?.(message, undefined, undefined, sent);
  else sent();
}

function fail(reason: string): void {
  send({ plait: "failing", reason }, () => process.exit(EX_SOFTWARE));
}

/** How long a duplicate may take before it is asked for again, in ms. */
const ASK_AGAIN_MS = 1_000;

/** The sysexits code for an internal failure. */
const EX_SOFTWARE = 70;
