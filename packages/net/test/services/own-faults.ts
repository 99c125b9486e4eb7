// Fails through faults of its own, one for each command: frames it can't encode, and an upstream that resets.
import { connect, defineService, FrameInvalidError, framed, lines } from "@plait/net";

/** Where the upstream is; set by the test. */
export const upstream = { port: 0 };

export default defineService({
  *connection(conn) {
    const commands = framed(conn, lines({ max: 20 }));
    const command = yield* commands.read();
    if (command === "long") yield* commands.write("x".repeat(21));
    else if (command === "two lines") yield* commands.write("a\nb");
    else if (command === "upstream") yield* askUpstream();
    // Not its own: what it says of its peer.
    else throw new FrameInvalidError("there is no such command");
  },
});

function* askUpstream() {
  const target = yield* connect({ host: "127.0.0.1", port: upstream.port });
  yield* target.write("anything");
  yield* target.readLine();
}
