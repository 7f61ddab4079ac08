import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { MosaicError } from "@mosaic/core/light";
import { isLoopback } from "../endpoint.ts";

/** A request of another protocol than ours. */
export type PlainRequest = IncomingMessage;
/** Where it is answered. */
export type PlainResponse = ServerResponse;

export interface ServePlainHttpOptions {
  /** A loopback address: nothing here knows who calls. */
  readonly hostname: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Answers a request; never rejects. */
  readonly answer: (request: PlainRequest, response: PlainResponse) => void;
}

/** A listener that runs. Dispose it to end it with every connection. */
export interface PlainHttpServer extends AsyncDisposable {
  readonly port: number;
}

/** Listens for HTTP/1.1 on this machine, for protocols of others in front of a fleet.
 *  @throws MosaicError NOT_ALLOWED for any other address, MACHINE when it can't be listened on */
export async function servePlainHttp({ hostname, port, answer }: ServePlainHttpOptions): Promise<PlainHttpServer> {
  if (!isLoopback(hostname))
    throw new MosaicError("NOT_ALLOWED", `refusing to listen on ${hostname}: it is not a loopback address`);
  const server = createServer(answer);
  server.listen(port, hostname);
  await once(server, "listening").catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new MosaicError("MACHINE", `cannot listen on ${hostname}:${port}: ${why}`, { hint: "name another: --listen", cause });
  });
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound ? bound.port : port,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
