import { MosaicError } from "@mosaic/core";
import { fileStore, systemClock } from "@mosaic/host";
import { identityFolder } from "@mosaic/identity";
import { readOwnEnrolment, toEnrolmentEndpoint } from "../enrolment/ask-enrolment.ts";
import { renewCredentials } from "../enrolment/join-fleet.ts";

/** Renews who is logged in at a home now, also late, by the key that is there; the roots and the locks come with it.
 *  @throws MosaicError USAGE when nobody is, NOT_ALLOWED for who was locked out, NOT_SERVED or DEADLINE when the authority does not
 *  answer */
export async function renewOwnCredentials(mosaicHome: string, timeoutMs: number): Promise<void> {
  const files = fileStore();
  const own = await readOwnEnrolment(files, mosaicHome, "user", systemClock.nowUnixMs());
  if (!own)
    throw new MosaicError("USAGE", "nobody is logged in here", {
      hint: "an administrator prints a line: mosaic user add <name> --tenant <tenant>",
    });
  const [address = `unix:${mosaicHome}/fleet/run/enrolment.sock`] = own.file.addresses;
  const signal = AbortSignal.timeout(timeoutMs);
  const endpoint = toEnrolmentEndpoint(address);
  await renewCredentials(identityFolder(mosaicHome, "user"), { clock: systemClock, files, signal, timeoutMs, endpoint });
}
