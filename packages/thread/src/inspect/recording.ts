// Writes a CPU profile or a heap snapshot of a thread to a file, also of a thread that does not answer.
import { type FileHandle, open, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import type { Target } from "./target.ts";

/** What is recorded: where processor time goes for `ms`, or what is on the heap. */
export type Recording = { readonly kind: "cpu"; readonly ms: number } | { readonly kind: "heap" };

/**
 * Records a worker of this process. The file is one that Chrome's developer tools open.
 *
 * @param file an absolute path; nothing may be there
 * @param ended aborts when the worker is gone
 */
export function recordWorker(worker: Worker, recording: Recording, file: string, ended: AbortSignal): Promise<void> {
  return writing(file, async (handle) => {
    if (recording.kind === "heap") {
      for await (const chunk of await worker.getHeapSnapshot()) await handle.write(chunk as Buffer);
    } else {
      const profile = await worker.startCpuProfile();
      await sleep(recording.ms, undefined, { signal: ended });
      await handle.write(await profile.stop());
    }
  });
}

/** Records a thread through its inspector; see {@link recordWorker}. */
export function recordTarget(target: Target, recording: Recording, file: string): Promise<void> {
  return writing(file, async (handle) => {
    if (recording.kind === "heap") {
      let written: Promise<unknown> = Promise.resolve();
      target.onEvent((method, params) => {
        if (method !== "HeapProfiler.addHeapSnapshotChunk") return;
        const { chunk } = params as { readonly chunk: string };
        written = written.then(() => handle.write(chunk));
      });
      await target.ask("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
      await written;
    } else {
      await target.ask("Profiler.enable");
      await target.ask("Profiler.start");
      await sleep(recording.ms);
      const { profile } = (await target.ask("Profiler.stop")) as { readonly profile: unknown };
      await target.ask("Profiler.disable");
      await handle.write(JSON.stringify(profile));
    }
  });
}

/** Opens the file before anything is recorded, and leaves none behind when that fails. */
async function writing(file: string, record: (handle: FileHandle) => Promise<void>): Promise<void> {
  // For its owner alone: a heap holds whatever the service does.
  const handle = await open(file, "wx", 0o600);
  try {
    await record(handle);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}
