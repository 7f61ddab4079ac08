import { createHash, timingSafeEqual } from "node:crypto";
import { MosaicError } from "@mosaic/client";
import type { PlainRequest, PlainResponse } from "@mosaic/rpc";

/** Largest request, in bytes: a text at its limit of 256 KiB, escaped, with room to spare. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Why a request is not answered, as HTTP says it; undefined: it may go on. A page in a browser may reach any port of its own
 *  machine, so that what carries an origin, or names another host than this machine, is refused before anything is looked up. */
export function refusalOf({ headers }: PlainRequest, token: string | undefined): { status: number; detail: string } | undefined {
  if (headers.origin !== undefined) return { status: 403, detail: "requests of web pages are refused" };
  if (!/^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/.test(headers.host ?? ""))
    return { status: 403, detail: "the host that was asked for is not this machine" };
  if (token === undefined || isSame(headers.authorization ?? "", `Bearer ${token}`)) return undefined;
  return { status: 401, detail: "the token of this server is missing, or another" };
}

/** Reads a body.
 *  @throws MosaicError MESSAGE_TOO_LARGE */
export async function readBody(request: PlainRequest): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new MosaicError("MESSAGE_TOO_LARGE", `a request may be ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Answers with JSON, and ends. */
export function answerJson(response: PlainResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
  response.end(`${JSON.stringify(body)}\n`);
}

/** Hashes have one length, so that the comparison tells nothing of how much of a guess was right. */
function isSame(given: string, wanted: string): boolean {
  const [a, b] = [given, wanted].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
