// A service host behind a real listening socket, and raw clients to talk to it.
import { once } from "node:events";
import net from "node:net";
import {
  acceptFrom,
  type ConnectionOutcome,
  openServiceHost,
  type ServiceHost,
  type ServiceHostOptions,
} from "@plait/net";

export interface Running extends AsyncDisposable {
  readonly host: ServiceHost;
  readonly port: number;
  readonly errors: { readonly error: unknown; readonly id: string | undefined; readonly peer: string | undefined }[];
  /** The outcome of each connection, in the order they arrived. */
  readonly outcomes: Promise<ConnectionOutcome>[];
  connect(options?: { readonly allowHalfOpen?: boolean }): Promise<net.Socket>;
}

/**
 * Serves a module from test/services.
 *
 * @param path Of a unix-domain socket to listen on. Default: a free port.
 */
export async function serve(
  service: string,
  options: Partial<ServiceHostOptions> = {},
  path?: string,
): Promise<Running> {
  const errors: Running["errors"] = [];
  const host = await openServiceHost(new URL(`../services/${service}`, import.meta.url), {
    unit: "p1.t1",
    onError: (error, where) => errors.push({ error, id: where?.id, peer: where?.peer }),
    ...options,
  });
  const outcomes: Promise<ConnectionOutcome>[] = [];
  const server = net.createServer();
  server.listen(path === undefined ? { port: 0, host: "127.0.0.1" } : { path });
  await once(server, "listening");
  acceptFrom(server, (incoming) => {
    // In turn as a descriptor, and as a socket, which is what a thread is handed.
    const connection = outcomes.length % 2 === 0 ? incoming : incoming.socket;
    outcomes.push(new Promise((ended) => host.serve(connection, "main", ended)));
  });
  const { port = 0 } = path === undefined ? (server.address() as net.AddressInfo) : {};
  const address = path === undefined ? { port, host: "127.0.0.1" } : { path };
  return {
    host,
    port,
    errors,
    outcomes,
    async connect(connectOptions = {}) {
      const socket = net.connect({ ...address, ...connectOptions });
      socket.on("error", () => {});
      await once(socket, "connect");
      return socket;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      await host.cancel("the test is over");
      await host.stop();
    },
  };
}

/** Everything a socket receives until its end. */
export async function readAll(socket: net.Socket): Promise<string> {
  let text = "";
  socket.setEncoding("latin1");
  for await (const chunk of socket) text += chunk;
  return text;
}

/** Waits until a condition holds, looking again after every turn of the event loop. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
