import { dirname } from "node:path";
import type { Roster } from "@mosaic/core";
import { runtimeNamed } from "@mosaic/runtimes";
import type { CheckItem } from "../fleet/check-answer.ts";
import type { Io } from "../io/io.ts";
import { openHookSite } from "../local/hook-site.ts";
import { applyHooks } from "./apply-hooks.ts";

/** Checks that the hooks of a roster's runtimes are in place on this host; runtimes that need none are passed over. Whether they
 *  fire only a running fleet can tell: see `mosaic agent install-hooks --check`.
 *  @param rosterPath where the roster is, or will be: `$MOSAIC_HOME/fleet/roster.yaml` */
export async function checkHooks(roster: Roster, rosterPath: string, io: Io): Promise<readonly CheckItem[]> {
  const site = { ...(await openHookSite({ mosaicHome: dirname(dirname(rosterPath)), rosterPath }, io)), roster };
  const items: CheckItem[] = [];
  for (const runtime of new Set(roster.agents.map((agent) => agent.runtime))) {
    const wish = { action: "check", isDryRun: false, record: async () => {} } as const;
    const { outcome, detail, next } = await applyHooks(runtimeNamed(runtime), site, wish);
    const check = `hooks ${runtime}`;
    if (outcome === "missing" || outcome === "refused") items.push({ check, level: "missing", message: detail, next });
    else if (outcome === "in place") items.push({ check, level: "ok", message: detail || "in place", next: "" });
  }
  return items;
}
