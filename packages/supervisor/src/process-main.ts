// The program that every process of a service executes.
import type { OutputStream } from "@plait/process";
import { enterProcess } from "@plait/process/inside";
import { type BodyOptions, ServiceBody } from "./body.ts";
import { reportEvery } from "./process-ledger.ts";
import type { Told } from "./told.ts";

const write = (stream: OutputStream, line: string) => void process[stream].write(`${line}\n`);

enterProcess(async ({ unit, body, tell, fail }) => {
  process.title = `plait ${unit}`;
  const service = await ServiceBody.start(unit, body as BodyOptions, { tell, fail, write });
  const report = async () => tell({ type: "share", share: await service.share() } satisfies Told);
  const reporting = setInterval(() => void report(), reportEvery).unref();
  return {
    listen: (handle, listener, backlog) => service.listen(handle, listener, backlog),
    methods: {
      share: () => service.share(),
      drain: async (drain: number, cancel: number) => {
        await service.drain({ drain, cancel });
        clearInterval(reporting);
        await report();
      },
      hurry: () => service.hurry(),
    },
  };
});
