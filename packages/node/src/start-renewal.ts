import type { Clock, FileStore, Log } from "@mosaic/core";
import { type EnrolmentFile, type KeptRenewed, keepRenewed, parseEnrolmentFile, type RenewalState } from "@mosaic/identity";
import { type Endpoint, type EnrolmentEndpoint, parseEndpoint, renewalService } from "@mosaic/rpc";

/** What `mosaic host join` has left for the node: where it serves the fleet, and where it renews.
 *  @param folder `$MOSAIC_HOME/fleet/identity`
 *  @returns undefined on a host that nobody let in with a line
 *  @throws MosaicError IDENTITY_REFUSED when it can't be read */
export async function readEnrolment(files: FileStore, folder: string): Promise<EnrolmentFile | undefined> {
  const path = `${folder}/enrolment.json`;
  const text = await files.read(path);
  return text === undefined ? undefined : parseEnrolmentFile(text, path);
}

/** Where a node serves that `mosaic host join` has set up. */
export function placesOf({ listen, dialOut }: EnrolmentFile): {
  readonly listen: readonly Endpoint[];
  readonly dialOut: Endpoint | undefined;
} {
  return { listen: listen.map(parseEndpoint), dialOut: dialOut === "" ? undefined : parseEndpoint(dialOut) };
}

export interface StartRenewalDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly files: FileStore;
  readonly log: Log;
}

/** For one call, in ms; a question for news waits longer by as much as it asks for. */
const TIMEOUT_MS = 10_000;

/** Keeps the node's certificate, roots and locks fresh, as the fleet's authority tells them. */
export function startRenewal(deps: StartRenewalDeps, folder: string, { addresses }: EnrolmentFile): KeptRenewed {
  const endpoints = addresses.map((address) => parseEndpoint(`https://${address.replace(/^https:\/\//, "")}`));
  const service = renewalService(endpoints.filter(isTls), TIMEOUT_MS);
  return keepRenewed({ ...deps, folder, service });
}

function isTls(endpoint: { readonly kind: string }): endpoint is EnrolmentEndpoint & { readonly kind: "tls" } {
  return endpoint.kind === "tls";
}

/** What a person should know of renewal: why it fails, and until when that does no harm. */
export function renewalProblemOf({ problem, endsAtUnixMs }: RenewalState): string | undefined {
  if (problem === "") return undefined;
  return `the certificate holds until ${new Date(endsAtUnixMs).toISOString()} and can't be renewed: ${problem}`;
}
