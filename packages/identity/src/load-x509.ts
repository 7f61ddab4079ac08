import type * as X509 from "./x509.ts";

/** Loads what makes and reads certificates. A daemon needs it a few times a day, and it would take 20 MB of its memory for good. */
export async function loadX509(): Promise<typeof X509> {
  return await import("./x509.ts");
}
