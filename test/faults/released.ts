import type { FleetClient } from "@mosaic/rpc";
import { eventually } from "@mosaic/testkit";
import type { Findings } from "../simulation/findings.ts";

/** Streams that a daemon serves now, by rpc. */
export async function liveStreams(client: FleetClient): Promise<Readonly<Record<string, number>>> {
  const { liveStreams: streams, counters } = await client.info({}, { timeoutMs: 10_000 });
  return { ...streams, leaked: Number(counters["leaked_handlers"] ?? 0n) };
}

/** C7: waits until a daemon serves no more streams than it did before.
 *  @returns how many handlers were left when it took longer than `withinMs` */
export async function leakedHandlers(
  client: FleetClient,
  before: Readonly<Record<string, number>>,
  findings: Findings,
  withinMs = 30_000,
): Promise<number> {
  let left: string[] = [];
  let count = 0;
  const isReleased = async () => {
    const now = await liveStreams(client);
    const more = Object.entries(now).map(([name, streams]) => [name, streams - (before[name] ?? 0)] as const);
    left = more.filter(([, by]) => by > 0).map(([name, by]) => `${name} ${by}`);
    count = more.reduce((sum, [, by]) => sum + Math.max(0, by), 0);
    return count === 0;
  };
  await eventually("every handler is released", isReleased, withinMs).catch(() => {});
  findings.look("C7", left.length === 0 ? undefined : `handlers are left: ${left.join(", ")}`);
  return count;
}
