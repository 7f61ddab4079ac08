import type { HostStatusJson } from "@mosaic/wire";
import type { Via } from "./ps-answer.ts";

/** Who answered, judged by the answer where the address does not tell: only a node speaks for its host without a way. */
export function viaOf(expected: Via | undefined, hosts: readonly HostStatusJson[]): Via {
  if (expected !== undefined) return expected;
  const [only, ...others] = hosts;
  const isNode = only !== undefined && others.length === 0 && (only.via ?? []).length === 0 && (only.address ?? "") === "";
  return isNode ? "node" : "aggregator";
}
