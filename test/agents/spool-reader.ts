import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AgentReport } from "@mosaic/core";
import type { RuntimeAdapter } from "@mosaic/runtimes";

/** One event that an agent left in the spool, and what its adapter makes of it. */
export interface Heard {
  readonly payload: unknown;
  readonly atUnixMs: number;
  /** Undefined: it tells nothing. */
  readonly report: AgentReport | undefined;
}

/** Reads the events that wait in a spool, in the order of their names, and takes them away. */
export async function readSpool(mosaicHome: string, agent: string, adapter: RuntimeAdapter): Promise<Heard[]> {
  const folder = join(mosaicHome, "fleet/run/spool");
  const names = await readdir(folder).catch(() => []);
  const events: Heard[] = [];
  for (const name of names.filter((one) => !one.startsWith(".") && one.endsWith(`.${agent}.json`)).sort()) {
    const payload: unknown = JSON.parse(await readFile(join(folder, name), "utf8"));
    await rm(join(folder, name), { force: true });
    const atUnixMs = name.startsWith("progress") ? Date.now() : Number(BigInt(name.split("-")[0] ?? "0") / 1_000_000n);
    events.push({ payload, atUnixMs, report: adapter.hear?.({ payload, atUnixMs }) });
  }
  return events;
}
