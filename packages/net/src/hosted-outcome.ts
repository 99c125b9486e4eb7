// What an error on a socket of a hosted server says about how its connection ended.
import type { ConnectionOutcome } from "./outcome.ts";

const TIMEOUTS = new Set(["ERR_HTTP_REQUEST_TIMEOUT", "ERR_TLS_HANDSHAKE_TIMEOUT"]);
/** The HTTP parser and TLS name their complaints about a peer like this. */
const PROTOCOL = /^(HPE_|ERR_SSL_|ERR_TLS_|EPROTO$)/;

/** The outcome an error on a socket stands for. */
export function hostedOutcome(error: Error): ConnectionOutcome {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (TIMEOUTS.has(code)) return "timeout";
  if (PROTOCOL.test(code)) return "invalid";
  // The system's own errors name the call that failed; on a connected socket they all mean that the peer is gone.
  return "syscall" in error ? "reset" : "failed";
}
