import { MosaicError } from "@mosaic/core/light";
import { parseEndpoint } from "@mosaic/rpc/plain-unary";
import { isAnswering } from "../fleet/ps-answer.ts";
import { freshReading, toPsHost } from "../fleet/ps-host.ts";
import { toPsItem } from "../fleet/ps-item.ts";
import type { Io } from "../io/io.ts";
import { listFleet } from "../remote/list-fleet.ts";
import type { Remote } from "../remote/remote.ts";
import type { DemoState } from "./demo-state.ts";

const DEADLINE_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** Resolves when every host of a demo answers and each of its agents has a living terminal and a healthy heartbeat.
 *  @throws MosaicError DEADLINE saying what is still missing */
export async function waitUntilWhole(state: DemoState, remote: Remote, io: Io): Promise<void> {
  const endpoint = parseEndpoint(`unix:${state.plan.directory}/fleet/run/aggregator.sock`);
  const place = { endpoint, via: "aggregator" } as const;
  const endsAtMs = io.clock.monotonicMs() + DEADLINE_MS;
  for (;;) {
    io.signal.throwIfAborted();
    const list = await listFleet(remote, place, { tenants: [], hosts: [], isLive: false, pageSize: 0, timeoutMs: 5000 });
    const missing = whatIsMissing(state, list);
    if (missing === undefined) return;
    if (io.clock.monotonicMs() > endsAtMs) {
      throw new MosaicError("DEADLINE", `the demo is not whole after ${DEADLINE_MS / 1000} s: ${missing}`, {
        hint: `look at the logs: ls ${state.plan.directory}/*.log ${state.plan.directory}/hosts/*/*.log`,
      });
    }
    await io.clock.sleep(LOOK_EVERY_MS, io.signal);
  }
}

function whatIsMissing(state: DemoState, { hosts, agents }: Awaited<ReturnType<typeof listFleet>>): string | undefined {
  const readings = hosts.map(freshReading);
  const silent = readings.map(toPsHost).filter((host) => !isAnswering(host));
  if (silent.length > 0) return silent.map((host) => `${host.host} is ${host.state}`).join(", ");
  const expected = state.plan.hosts.reduce((sum, host) => sum + host.agents.length, 0);
  const items = agents.map((agent) =>
    toPsItem(
      agent,
      readings.find((reading) => reading.status.hostId === agent.hostId),
    ),
  );
  const whole = items.filter((item) => item.pane?.alive && item.heartbeat?.health === "healthy");
  return whole.length >= expected ? undefined : `${expected - whole.length} of ${expected} agents have no healthy heartbeat`;
}
