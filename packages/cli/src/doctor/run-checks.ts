import { MosaicError } from "@mosaic/core/light";
import type { DoctorCheck, Finding } from "./check.ts";
import type { DoctorWorld } from "./doctor-world.ts";

/** What a check found, with the check. */
export interface CheckedFinding {
  readonly check: DoctorCheck;
  readonly finding: Finding;
}

/** Makes the checks, in order. One that can't be made is `unknown` and does not stop the others.
 *  @throws MosaicError CANCELLED */
export async function runChecks(checks: readonly DoctorCheck[], world: DoctorWorld): Promise<readonly CheckedFinding[]> {
  // All at once: most of them wait for the disk or a socket, and what they share is read once.
  const found = await Promise.all(checks.map(async (check) => ({ check, findings: await findingsOf(check, world) })));
  if (world.signal.aborted) throw MosaicError.from(world.signal.reason);
  return found.flatMap(({ check, findings }) => findings.map((finding) => ({ check, finding })));
}

async function findingsOf(check: DoctorCheck, world: DoctorWorld): Promise<readonly Finding[]> {
  try {
    return await check.look(world);
  } catch (thrown) {
    const { code, message, hint = "" } = MosaicError.from(thrown);
    // A fault of ours in one check must not hide what the others find: whoever asks is in trouble already.
    if (code === "CANCELLED") throw thrown;
    return [{ severity: "unknown", found: `it can't be looked at: ${message}`, next: hint }];
  }
}
