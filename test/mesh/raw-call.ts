import { request } from "node:http";

/** Where a server is: a Unix socket, or a port on 127.0.0.1. */
export type RawPlace = { readonly socketPath: string } | { readonly port: number };

export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Calls a unary method of FleetService as `curl` would: one POST of JSON over HTTP/1.1, no library of ours.
 *  @param method for example `List`, or a whole path that starts with a slash
 *  @param headers added to, or in place of, the usual ones
 *  @throws Error when nobody answers within 5 s */
export function rawCall(
  place: RawPlace,
  method: string,
  body: object | string = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<RawReply> {
  const path = method.startsWith("/") ? method : `/mosaic.fleet.v1.FleetService/${method}`;
  const where = "port" in place ? { host: "127.0.0.1", port: place.port } : { socketPath: place.socketPath };
  return new Promise((resolve, reject) => {
    const call = request(
      { ...where, path, method: "POST", agent: false, headers: { "content-type": "application/json", ...headers } },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on("data", (chunk: Buffer) => void chunks.push(chunk));
        reply.on("error", reject);
        reply.on("end", () =>
          resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: Buffer.concat(chunks).toString("utf8") }),
        );
      },
    );
    call.setTimeout(TIMEOUT_MS, () => call.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    call.on("error", reject);
    call.end(typeof body === "string" ? body : JSON.stringify(body));
  });
}

const TIMEOUT_MS = 5000;

/** The port of an endpoint such as `http://127.0.0.1:8787`. */
export function portOf(endpoint: string): number {
  return Number(new URL(endpoint).port);
}
