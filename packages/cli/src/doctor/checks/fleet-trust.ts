import { MosaicError } from "@mosaic/core/light";
import { parseEnrolmentFile } from "@mosaic/identity";
import { identityOf, parseRoots } from "@mosaic/identity/light";
import { type DoctorCheck, type Finding, fault, inOrder, nothingHere } from "../check.ts";
import type { DoctorWorld } from "../doctor-world.ts";
import { type FoundIdentity, namedBy, readIdentities, remediesOf } from "../identity-paths.ts";

/** Whether what this home proves fits the fleet that it is in. */
export const fleetTrustCheck: DoctorCheck = {
  id: "fleet-trust",
  what: "whether this home's certificate, roots, enrolment and roster are of one fleet and tenant",
  why: "nobody of the fleet believes a host that is of another one",
  runbook: "IDENTITY_REFUSED",
  async look(world) {
    const found = await readIdentities(world);
    if (found.length === 0) return [nothingHere("this home has no identity of a fleet")];
    return await Promise.all(found.map((identity) => judge(identity, world)));
  },
};

async function judge(identity: FoundIdentity, world: DoctorWorld): Promise<Finding> {
  const { who, roots } = identity;
  const { again } = remediesOf(identity);
  const named = namedBy(identity);
  if (!named) return fault(`the ${who}'s certificate names nobody in a fleet`, again);
  const problem = await distrust(identity, named.fleet, world);
  if (problem !== undefined) return fault(`${roots} and the ${who}'s certificate do not fit: ${problem}`, again);
  const fleet = await enrolledFleet(identity, world);
  if (fleet !== undefined && fleet !== named.fleet)
    return fault(`the ${who} was enrolled in the fleet "${fleet}", and its certificate is of "${named.fleet}"`, again);
  const look = await world.roster();
  const tenantId = named.kind === "node" ? named.tenantId : undefined;
  if (tenantId !== undefined && look.kind === "good" && look.roster.tenantId !== tenantId)
    return fault(
      `the roster is of tenant "${look.roster.tenantId}", and the certificate of "${tenantId}"`,
      `mosaic agent roster  # write tenant: ${tenantId} into ${world.paths.rosterPath}`,
    );
  return inOrder(`the ${who} is of the fleet "${named.fleet}"`);
}

// Whether it is over is the certificate check's to say: it is judged as of its last moment.
async function distrust({ chain, roots }: FoundIdentity, fleet: string, { files }: DoctorWorld): Promise<string | undefined> {
  const text = await files.read(roots);
  if (text === undefined) return `there is no ${roots}`;
  try {
    identityOf(chain, { fleet, roots: parseRoots(text, roots) }, Date.parse(chain[0].validTo) - 1000);
    return undefined;
  } catch (thrown) {
    const { code, message } = MosaicError.from(thrown);
    if (code !== "IDENTITY_REFUSED") throw thrown;
    return message;
  }
}

async function enrolledFleet({ enrolment }: FoundIdentity, { files }: DoctorWorld): Promise<string | undefined> {
  const text = await files.read(enrolment);
  return text === undefined ? undefined : parseEnrolmentFile(text, enrolment).fleet;
}
