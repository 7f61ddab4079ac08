import { type Member, parseMembership } from "@mosaic/core/membership";
import { doctorFiles } from "../../doctor/doctor-files.ts";

/** Reads who the aggregator of this home expects.
 *  @returns undefined when there is no such file
 *  @throws MosaicError MEMBERSHIP_INVALID as the aggregator would, MACHINE when it can't be read */
export async function lookAtMembership(path: string): Promise<readonly Member[] | undefined> {
  const text = await doctorFiles().read(path);
  return text === undefined ? undefined : parseMembership(text, path);
}
