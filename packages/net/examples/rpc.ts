// Remote calls: JSON in frames with a 4-byte length. Calls of one connection run side by side; answers come as they are
// ready, with the id of their call.
import { type Co, scope, sleep } from "@plait/coroutine";
import { defineService, type Framed, framed, lengthPrefixed } from "@plait/net";

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly number[];
}

const methods: Record<string, (...params: number[]) => Co<unknown>> = {
  *sum(...numbers) {
    return numbers.reduce((sum, number) => sum + number, 0);
  },
  *later(ms = 0, value = 0) {
    yield* sleep(ms);
    return value;
  },
};

function* answer(frames: Framed<Buffer, string | Uint8Array>, { id, method, params }: Call): Co<void> {
  const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
  const reply = run ? { id, result: yield* run(...params) } : { id, error: `no method ${method}` };
  yield* frames.write(JSON.stringify(reply));
}

export default defineService({
  *connection(conn) {
    const frames = framed(conn, lengthPrefixed({ max: 64 * 1024 }));
    // At most 100 calls at once: past that nothing is read, and the client's writes wait.
    yield* scope(
      function* (calls) {
        for (let frame = yield* frames.read(); frame !== null; frame = yield* frames.read()) {
          yield* calls.vacancy();
          calls.spawn(answer, frames, JSON.parse(String(frame)) as Call);
        }
      },
      { limit: 100 },
    );
  },
});
