import { type Endpoint, formatEndpoint, parseEndpoint } from "../address/endpoint.ts";

/** Where a member may be reached: an endpoint, or nowhere, because it dials in (ADR 0022). */
export type Address = Endpoint | { readonly kind: "dial-in" };

/** How an address is written whose host dials in. */
const DIAL_IN = "dial-in";

/** Parses `dial-in`, or whatever is an endpoint.
 *  @throws MosaicError USAGE, NOT_ALLOWED */
export function parseAddress(text: string): Address {
  return text === DIAL_IN ? { kind: DIAL_IN } : parseEndpoint(text);
}

/** Writes an address as `parseAddress` reads it. */
export function formatAddress(address: Address): string {
  return address.kind === DIAL_IN ? DIAL_IN : formatEndpoint(address);
}
