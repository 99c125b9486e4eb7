// The program that every process of a service executes.
import { enterProcess } from "@plait/process/inside";
import { type BodyOptions, ServiceBody } from "./body.ts";

enterProcess(async ({ unit, body, tell, fail }) => {
  process.title = `plait ${unit}`;
  const service = await ServiceBody.start(unit, body as BodyOptions, { tell, fail });
  return {
    listen: (handle, listener, backlog) => service.listen(handle, listener, backlog),
    methods: {
      share: () => service.share(),
      drain: (drain: number, cancel: number) => service.drain({ drain, cancel }),
      hurry: () => service.hurry(),
    },
  };
});
