// What runs in each process beside the main thread, and answers while that spins.
import { answerSideDoor } from "@plait/process/inside";
import { mainThreadStack, type Recording, recordMainThread } from "@plait/thread/inspect";

/** How long the main thread may take to show its stack, in ms: an idle one never does. */
const CAPTURE_MS = 3_000;

answerSideDoor({
  stack: () => mainThreadStack(CAPTURE_MS),
  record: (recording: Recording, file: string) => recordMainThread(recording, file),
});
