// The program that every process of a service executes.
import { pathToFileURL } from "node:url";
import type { OutputStream } from "@plait/process";
import { enterProcess } from "@plait/process/inside";
import type { Recording, ThreadStopBudget } from "@plait/thread";
import { tellRunning } from "@plait/thread/inspect";
import { type BodyOptions, ServiceBody } from "./body.ts";
import { ConnectionBook } from "./connection-book.ts";
import { moduleBeside } from "./module-beside.ts";

const write = (stream: OutputStream, line: string) => void process[stream].write(`${line}\n`);

const beside = pathToFileURL(moduleBeside("beside-main")).href;

enterProcess(
  async ({ unit, body, tell, fail, scoreboard, duplicate }) => {
    tellRunning();
    process.title = `plait ${unit}`;
    const book = new ConnectionBook(scoreboard);
    const service = await ServiceBody.start(unit, body as BodyOptions, { tell, fail, write, book, duplicate });
    return {
      listen: (handle, listener, backlog) => service.listen(handle, listener, backlog),
      methods: {
        share: () => service.share(),
        call: (called: string, method: string, args: readonly unknown[], timeout: number) =>
          service.call(called, method, args, timeout),
        ping: () => true,
        dump: (locals: boolean) => service.dump(locals),
        record: (thread: string, recording: Recording, file: string) => service.record(thread, recording, file),
        resize: (threads: number, budget: ThreadStopBudget) => service.resize(threads, budget),
        restartThreads: (threads: readonly string[], budget: ThreadStopBudget) =>
          service.restartThreads(threads, budget),
        reloadTls: () => service.reloadTls(),
        update: (changed: BodyOptions) => service.update(changed),
        // The supervisor says when its time is over.
        drain: (cancel: number) => service.drain({ drain: Number.POSITIVE_INFINITY, cancel }),
        hurry: () => service.hurry(),
      },
    };
  },
  { beside },
);
