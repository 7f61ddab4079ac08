/** Who is who, for whoever only has to know that: no authority, no signing, none of the libraries for those. */
export { type Credentials, parseCertificates, parseCredentials, parseRoots } from "./credentials.ts";
export { findLock, type LockView } from "./enrolment/locks.ts";
export { LATE_RENEWAL_MS, renewAtUnixMs } from "./enrolment/renewal.ts";
export { type IdentityRole, identityFolder } from "./identity-folder.ts";
export { fixedIdentity, type IdentitySource } from "./identity-source.ts";
export { keyToPem } from "./key-pair.ts";
export { identityOf, PeerRefused, type Refusal, type Trust } from "./peer.ts";
export { formatIdentity, type Identity, parseIdentity } from "./spiffe-id.ts";
