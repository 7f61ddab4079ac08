import { MosaicError } from "@mosaic/core/light";
import { type Endpoint, formatEndpoint, parseEndpoint } from "@mosaic/rpc/plain-unary";
import type { Via } from "../fleet/ps-answer.ts";
import type { GlobalOptions } from "../parse/global-options.ts";

/** Which part of the mesh a command is about. */
export type Reach =
  /** The node of this host, for this user. MOSAIC_ENDPOINT names a fleet, so it does not count here; --endpoint does. */
  | "this-host"
  /** Whoever knows every host. */
  | "all-hosts"
  /** An agent wherever it is: whoever knows every host, else the node of this host. */
  | "anywhere";

/** A place to ask. */
export interface Place {
  readonly endpoint: Endpoint;
  /** Who should be there; undefined: it was given by address, so only the answer tells. */
  readonly via: Via | undefined;
}

/** The places to ask, first choice first. Endpoints that were asked for by name (several, with commas, are aggregators of one
 *  fleet) are the only ones: to fall back to another fleet's answer would be worse than none.
 *  @throws MosaicError USAGE or NOT_ALLOWED for an endpoint that can't be used */
export function placesFor(reach: Reach, globals: GlobalOptions): readonly [Place, ...Place[]] {
  const isNamed = globals.endpoint !== undefined && (globals.isEndpointFlagged || reach !== "this-host");
  if (globals.isRosterFlagged && (globals.isEndpointFlagged || reach === "all-hosts")) throw notByRoster(reach);
  if (isNamed) return namedPlaces(globals.endpoint ?? "");
  const aggregator: Place = { endpoint: socketIn(globals, "aggregator.sock"), via: "aggregator" };
  const node: Place = { endpoint: socketIn(globals, "node.sock"), via: "node" };
  if (reach === "this-host") return [node];
  return reach === "all-hosts" ? [aggregator] : [aggregator, node];
}

/** Tries the places in order and returns the first answer. Only a place where nothing answers is passed over: a request that
 *  may have been taken is never made twice.
 *  @throws MosaicError NOT_SERVED when nothing answers at any of them */
export async function askFirst<T>(places: readonly Place[], ask: (place: Place) => Promise<T>): Promise<T> {
  const refusals: MosaicError[] = [];
  for (const place of places) {
    try {
      return await ask(place);
    } catch (thrown) {
      const error = MosaicError.from(thrown);
      if (error.code !== "NOT_SERVED") throw error;
      refusals.push(error);
    }
  }
  throw nobodyAnswers(places, refusals);
}

function namedPlaces(endpoints: string): readonly [Place, ...Place[]] {
  const [first = "", ...others] = endpoints.split(",").map((text) => text.trim());
  const toPlace = (text: string): Place => ({ endpoint: parseEndpoint(text), via: undefined });
  return [toPlace(first), ...others.map(toPlace)];
}

// An answer that was judged by other rosters than the one that was named would look like what was asked for.
function notByRoster(reach: Reach): MosaicError {
  const other = reach === "all-hosts" ? "--all-hosts asks for every host" : "--endpoint asks somebody";
  return new MosaicError("USAGE", `--roster is the roster of this host alone, and ${other} by the rosters they have`, {
    hint: "leave one of them out",
  });
}

function nobodyAnswers(places: readonly Place[], refusals: readonly MosaicError[]): MosaicError {
  const [only, ...others] = refusals;
  const names = places.map((place) => formatEndpoint(place.endpoint)).join(" or ");
  const message = only && others.length === 0 ? only.message : `no daemon answers at ${names}`;
  return new MosaicError("NOT_SERVED", message, { hint: hintFor(places), cause: refusals.at(-1) });
}

function hintFor(places: readonly Place[]): string {
  if (places.every((place) => place.via === "aggregator")) {
    return "start mosaic-aggregator on this host (mosaic gateway status says how it stands), or name one with --endpoint or MOSAIC_ENDPOINT";
  }
  if (places.some((place) => place.via === undefined)) return "check the address given by --endpoint or MOSAIC_ENDPOINT";
  return "start mosaic-node on this host (mosaic gateway status says how it stands), or name a FleetService with --endpoint; check --mosaic-home";
}

function socketIn(globals: GlobalOptions, name: string): Endpoint {
  return { kind: "unix", path: `${globals.mosaicHome}/fleet/run/${name}` };
}
