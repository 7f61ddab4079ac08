import type { X509Certificate } from "node:crypto";
import { MosaicError } from "@mosaic/core";
import { type Endpoint, formatEndpoint } from "../endpoint.ts";
import { openTls, type TlsClientOptions } from "./open-tls.ts";
import { refusalOf } from "./refusal-of.ts";

/** Opens a connection with TLS as a client does, takes down the certificate of who answers, and closes it: no request is made.
 *  @throws MosaicError IDENTITY_REFUSED when who answers is not believed, NOT_SERVED when nobody does, DEADLINE */
export function lookAtCertificate(
  endpoint: Extract<Endpoint, { kind: "tls" }>,
  tls: TlsClientOptions,
  timeoutMs: number,
): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = openTls(endpoint, tls, "http/1.1");
    const where = formatEndpoint(endpoint);
    const late = () => reject(new MosaicError("DEADLINE", `no connection to ${where} within ${timeoutMs} ms`));
    const timer = setTimeout(late, timeoutMs);
    socket.once("close", () => clearTimeout(timer));
    socket.once("secureConnect", () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      // TLS 1.3 always shows one.
      if (certificate) resolve(certificate);
      else reject(new MosaicError("IDENTITY_REFUSED", `who answers at ${where} shows no certificate`));
    });
    socket.once("error", (error) => {
      socket.destroy();
      const { code = error.message } = error as NodeJS.ErrnoException;
      reject(refusalOf(error) ?? new MosaicError("NOT_SERVED", `no daemon answers at ${where} (${code})`, { cause: error }));
    });
    timer.unref();
  });
}
