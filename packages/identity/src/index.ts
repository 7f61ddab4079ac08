/** Who is who in a fleet. */
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
export { identityOf, PeerRefused, type Refusal, type Trust } from "./peer.ts";
export { formatIdentity, type Identity, isTenantName, parseIdentity } from "./spiffe-id.ts";
