import { MosaicError } from "@mosaic/core";
import type { HostStatus } from "@mosaic/wire";
import { MAX_DEPTH } from "./route-status.ts";

/** Refuses a live question that we have passed on before, and one that more aggregators than may stand between a host and who asks
 *  have passed on: where members lead back to us it would go round for as long as anybody lets it in (docs/adr/0028).
 *  @param via the ids of those that passed it on, the first asked first
 *  @throws MosaicError INCOMPATIBLE with the way that it came */
export function assertMayCome(via: readonly string[], ownId: string): void {
  const way = [...via, ownId].join(" > ");
  if (via.includes(ownId)) throw new MosaicError("INCOMPATIBLE", `the question came back to who asked it: ${way}`);
  if (via.length >= MAX_DEPTH)
    throw new MosaicError(
      "INCOMPATIBLE",
      `the question came over ${via.length} aggregators, at most ${MAX_DEPTH} answer it: ${way}`,
    );
}

/** Why a host is not asked of its member for a question that came a certain way; undefined: it is.
 *  @param host as it is in our answers, with our own id as the last of `via` */
export function refusedFor(via: readonly string[], { via: way }: HostStatus): string | undefined {
  if (via.length === 0) return undefined;
  const asking = via.find((id) => way.includes(id));
  if (asking !== undefined) return `not asked: the question came by ${asking}, which is on the way to it`;
  const depth = via.length + way.length;
  return depth > MAX_DEPTH ? `not asked: ${depth} aggregators are on the way to it, at most ${MAX_DEPTH} may be` : undefined;
}
