import { isAbsolute } from "node:path";
import { procfsTable, readDaemonRecord } from "@mosaic/host";
import type { DirectSite } from "./direct-host.ts";

/** What is known of the roster that the node of this host goes by. */
export type NodeRoster =
  /** No node runs on this home, or the system does not tell how it was started. */
  | { readonly kind: "none" }
  /** It goes by the roster that is meant. */
  | { readonly kind: "same" }
  /** It goes by another one. */
  | { readonly kind: "other"; readonly path: string };

/** Tells whether the node of this host goes by the roster that is meant, from the command line that the node was started with. */
export async function readNodeRoster({ mosaicHome, rosterPath }: DirectSite): Promise<NodeRoster> {
  const record = await readDaemonRecord(`${mosaicHome}/fleet/run/node.json`);
  const argv = record === undefined ? undefined : procfsTable().read(record.pid)?.arguments;
  // The record of a node that was killed stays, and its number may be another program's by now.
  if (!argv?.some((word) => /(^|\/)(mosaic-node(\.mjs)?|node\/src\/main\.ts)$/.test(word))) return { kind: "none" };
  const path = valueGiven(argv, "--roster") ?? `${mosaicHome}/fleet/roster.yaml`;
  // What it was relative to can't be told from here.
  return isAbsolute(path) && path === rosterPath ? { kind: "same" } : { kind: "other", path };
}

function valueGiven(argv: readonly string[], flag: string): string | undefined {
  const at = argv.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
  return argv[at] === flag ? argv[at + 1] : argv[at]?.slice(flag.length + 1);
}
