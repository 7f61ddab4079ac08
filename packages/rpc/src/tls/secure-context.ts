import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import { type IdentitySource, keyToPem } from "@mosaic/identity/light";

/** TLS 1.3 and nothing older, with the credentials in force. */
export function contextOptions({ credentials }: IdentitySource): SecureContextOptions {
  const own = credentials && { key: keyToPem(credentials.key), cert: credentials.chain.map(String).join("") };
  return { minVersion: "TLSv1.3", ...own };
}

/** What a client opens connections with. One for all of them, until credentials or roots are replaced: to make it costs more than
 *  a handshake. */
export function clientContext(identity: IdentitySource): SecureContext {
  const { credentials, trust } = identity;
  const known = contexts.get(identity);
  if (known && known.credentials === credentials && known.trust === trust) return known.context;
  const context = createSecureContext({ ...contextOptions(identity), ca: trust.roots.map(String) });
  contexts.set(identity, { credentials, trust, context });
  return context;
}

type Made = Pick<IdentitySource, "credentials" | "trust"> & { readonly context: SecureContext };

const contexts = new WeakMap<IdentitySource, Made>();
