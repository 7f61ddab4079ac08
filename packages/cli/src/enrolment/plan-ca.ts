import {
  createFleetCa,
  EMPTY_REGISTER,
  type FleetCa,
  formatAuthority,
  formatCaState,
  formatCredentials,
  formatEnrolmentFile,
  formatIdentity,
  formatRegister,
  type Identity,
  identityFolder,
  issueLeaf,
  keySha256,
  type Member,
  newKey,
  pinOf,
  publicKeyOf,
} from "@mosaic/identity";
import { caPaths, rootFile } from "./ca-paths.ts";
import type { PlannedWrite } from "./planned-write.ts";

export interface CaWish {
  readonly mosaicHome: string;
  readonly fleet: string;
  /** Where the root's key goes, absolute. */
  readonly rootOut: string;
  readonly aggregatorId: string;
  readonly tenantId: string;
  /** Who becomes the first administrator. */
  readonly user: string;
  readonly nowUnixMs: number;
}

/** Everything that makes a fleet's authority, in the order in which it is written; `state.json`, without which none of it counts,
 *  comes last. */
export async function planCa(
  wish: CaWish,
): Promise<{ readonly ca: FleetCa; readonly writes: readonly PlannedWrite[]; readonly policy: PlannedWrite }> {
  const { mosaicHome, fleet, tenantId, user, nowUnixMs } = wish;
  const ca = await createFleetCa(fleet, nowUnixMs);
  const paths = caPaths(mosaicHome);
  const roots = String(ca.root.certificate);
  const aggregator = await memberOf(ca, { kind: "aggregator", fleet, id: wish.aggregatorId }, nowUnixMs);
  const person = await memberOf(ca, { kind: "user", fleet, tenantId, name: user }, nowUnixMs);
  const rootPin = pinOf(ca.root.certificate);
  const register = { ...EMPTY_REGISTER, members: [aggregator.member, person.member] };
  const own = (role: "aggregator" | "user") => identityFolder(mosaicHome, role);
  const secret = 0o600;
  const writes: PlannedWrite[] = [
    {
      path: rootFile(wish.rootOut, rootPin),
      text: formatAuthority(ca.root),
      mode: secret,
      what: "the root and its key: take it off this machine",
    },
    {
      path: paths.intermediate,
      text: formatAuthority(ca.intermediate),
      mode: secret,
      what: "the intermediate, which signs for 90 days",
    },
    { path: paths.roots, text: roots, mode: 0o644, what: "the root that everybody trusts" },
    { path: `${own("aggregator")}/credentials.pem`, text: aggregator.credentials, mode: secret, what: "who the aggregator is" },
    { path: `${own("user")}/roots.pem`, text: roots, mode: 0o644, what: "the root, for your own commands" },
    {
      path: `${own("user")}/credentials.pem`,
      text: person.credentials,
      mode: secret,
      what: `who you are: ${person.member.identity}`,
    },
    {
      path: `${own("user")}/enrolment.json`,
      text: formatEnrolmentFile({ fleet, addresses: [], listen: [], dialOut: "" }),
      mode: secret,
      what: "where you renew: here",
    },
    { path: paths.register, text: formatRegister(register), mode: secret, what: "who was let in" },
    { path: paths.state, text: formatCaState({ fleet, phase: "steady", rootPin }), mode: secret, what: "how the authority is" },
  ];
  return { ca, writes, policy: { path: paths.policy, text: firstPolicy(tenantId, user), mode: 0o644, what: "who may do what" } };
}

/** A policy in which one person may administer one tenant. */
function firstPolicy(tenantId: string, user: string): string {
  return [
    "# Who may do what, on this host. Roles: observer, operator, admin (in one tenant), fleet-observer (counts of all tenants).",
    "# Look before you trust it: mosaic policy check",
    "grants:",
    `  - { role: admin, tenant: ${tenantId}, who: user/${user} }`,
    "",
  ].join("\n");
}

async function memberOf(ca: FleetCa, identity: Identity, nowUnixMs: number): Promise<{ member: Member; credentials: string }> {
  const key = newKey();
  const leaf = await issueLeaf(ca.intermediate, { publicKey: publicKeyOf(key), identity, nowUnixMs });
  const rootPin = pinOf(ca.root.certificate);
  const member: Member = {
    ...{ identity: formatIdentity(identity), tenantId: "tenantId" in identity ? identity.tenantId : "", host: "" },
    ...{ keySha256: keySha256(publicKeyOf(key)), enrolledAtUnixMs: nowUnixMs, renewedAtUnixMs: nowUnixMs },
    ...{ endsAtUnixMs: Date.parse(leaf.validTo), standing: "in", rootPins: [rootPin], signedUnder: rootPin },
  };
  return { member, credentials: formatCredentials({ key, chain: [leaf, ca.intermediate.certificate] }) };
}
