import { MosaicError } from "@mosaic/core/light";
import {
  type Credentials,
  fixedIdentity,
  type IdentitySource,
  parseCertificates,
  parseCredentials,
  parseIdentity,
  parseRoots,
  type Trust,
} from "@mosaic/identity/light";

/** Who calls, for daemons with TLS. */
export interface CallerIdentity extends IdentitySource {
  readonly credentials: Credentials;
}

/** An identity that is renewed while it is in use: certificates of a fleet last for a day. */
export interface RenewableIdentity extends CallerIdentity {
  /** Takes the files as they are now. New connections use them; what runs over an older one goes on.
   *  @throws MosaicError IDENTITY_REFUSED, and then what was in force stays so */
  renew(credentialsPem: string, rootsPem: string): void;
}

/** Makes an identity of the two files that enrolment leaves and keeps fresh (`fleet/identity/<who>/credentials.pem`, `roots.pem`).
 *  @param credentialsPem key, own certificate and what leads to a root, in one text
 *  @param rootsPem the roots that the fleet trusts
 *  @throws MosaicError IDENTITY_REFUSED when they can't be used or don't fit each other; nothing of the key is in its message */
export function callerIdentity(credentialsPem: string, rootsPem: string): RenewableIdentity {
  let current = readIdentity(credentialsPem, rootsPem);
  const source = fixedIdentity(current.trust, current.credentials);
  return {
    get credentials() {
      return current.credentials;
    },
    get trust() {
      return current.trust;
    },
    onChange: (listener) => source.onChange(listener),
    renew(newCredentials, newRoots) {
      current = readIdentity(newCredentials, newRoots);
      source.replace(current.trust, current.credentials);
    },
  };
}

function readIdentity(credentialsPem: string, rootsPem: string): { readonly trust: Trust; readonly credentials: Credentials } {
  const what = "the credentials that were given";
  const roots = parseRoots(rootsPem, "the roots that were given");
  const [leaf] = parseCertificates(credentialsPem, what);
  const identity = parseIdentity(leaf?.subjectAltName?.replace(/^URI:/, "") ?? "");
  if (!identity) throw new MosaicError("IDENTITY_REFUSED", `the certificate in ${what} names nobody in a fleet`);
  const trust = { fleet: identity.fleet, roots };
  return { trust, credentials: parseCredentials(credentialsPem, trust, Date.now(), what) };
}
