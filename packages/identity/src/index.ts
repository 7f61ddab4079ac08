/** Who is who in a fleet, and what each may do. */
export {
  CAPABILITY_TTL_MS,
  type Capability,
  type Deed,
  hashOf,
  readCapability,
  type SignDeedOptions,
  signDeed,
} from "./capability.ts";
export { type Credentials, formatCredentials, parseCertificates, parseCredentials, parseRoots } from "./credentials.ts";
export { type Decision, decide, type Grant, type Policy, type Question, whoIs } from "./decide.ts";
export {
  type Authority,
  createFleetCa,
  type FleetCa,
  issueIntermediate,
  issueLeaf,
  type LeafRequest,
  publicKeyOf,
} from "./fleet-ca.ts";
export { keyFromPem, keyToPem, newKey } from "./key-pair.ts";
export { isMutating, MATRIX, METHOD_VERBS, ROLES, type Role, type Verb } from "./matrix.ts";
export { identityOf, PeerRefused, type Refusal, type Trust } from "./peer.ts";
export { parsePolicy } from "./policy-file.ts";
export { formatIdentity, type Identity, isTenantName, parseIdentity } from "./spiffe-id.ts";
