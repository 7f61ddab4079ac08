import { meshWord } from "../../fleet/enum-text.ts";
import { type DoctorCheck, type Finding, faultsOr, nothingHere, warning } from "../check.ts";
import type { FleetLook } from "../doctor-world.ts";

/** As the aggregator tells it of hosts, in ms. */
const MOST_MS = 2000;

/** Whether this host's clock is that of the others. */
export const clockCheck: DoctorCheck = {
  id: "clock",
  what: "whether the clocks of this host and of the others agree",
  why: "certificates seem over or not begun, and times that people compare do not fit",
  runbook: "CLOCK_SKEW",
  async look({ fleet, nowUnixMs }) {
    const look = await fleet();
    if (!look) return [nothingHere("nobody answers that could tell")];
    const aheadMs = medianAheadMs(look, nowUnixMs);
    const own: Finding[] =
      aheadMs === undefined || Math.abs(aheadMs) <= MOST_MS
        ? []
        : [
            warning(
              `this host's clock is ${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs < 0 ? "ahead of" : "behind"} the fleet's`,
              "timedatectl",
            ),
          ];
    const told = look.hosts.flatMap(({ tenantId = "", host = "", conditions = [] }) =>
      conditions
        .filter(({ type }) => type === "CLOCK_SKEW")
        .map(({ message = "" }) => warning(`${tenantId}/${host}: ${message}`, `timedatectl  # on ${host}`)),
    );
    return faultsOr([...own, ...told], "they do");
  },
};

// Of many hosts one may be off by itself; that half of them are is our own clock.
function medianAheadMs({ hosts }: FleetLook, nowUnixMs: number): number | undefined {
  const ahead = hosts
    .filter(({ state, asOfUnixMs }) => meshWord(state, "HOST_STATE_") === "LIVE" && Number(asOfUnixMs ?? 0) > 0)
    .map(({ asOfUnixMs, ageMs }) => Number(asOfUnixMs) + Number(ageMs ?? 0) - nowUnixMs)
    .sort((a, b) => a - b);
  return ahead[Math.floor(ahead.length / 2)];
}
