import { meshWord } from "../../fleet/enum-text.ts";
import { type DoctorCheck, type Finding, fault, faultsOr, nothingHere, warning } from "../check.ts";

/** States in which a host's rows count as they are. */
const ANSWERING: ReadonlySet<string> = new Set(["LIVE", "DRAINING"]);
/** States that end by themselves within seconds. */
const PASSING: ReadonlySet<string> = new Set(["STALE", "WARMING", "OVERLOADED"]);

/** The hosts of the fleet. */
export const hostsCheck: DoctorCheck = {
  id: "hosts",
  what: "whether every host that is expected answers, as who it should be",
  why: "of a host that does not answer only the last news is shown",
  runbook: "UNREACHABLE",
  async look({ fleet }) {
    const look = await fleet();
    if (!look) return [nothingHere("nobody answers that could tell")];
    const findings: Finding[] = look.hosts.flatMap(({ tenantId = "", host = "", state, detail = "", address = "" }) => {
      const word = meshWord(state, "HOST_STATE_");
      if (ANSWERING.has(word)) return [];
      const found = `${tenantId}/${host} is ${word}${detail === "" ? "" : `: ${detail}`}`;
      // Who answers with another identity is known by its address only.
      const isRefused = word === "AUTH_FAILED" && address !== "";
      const next = isRefused ? `mosaic gateway probe --endpoint ${address}` : `mosaic host describe ${tenantId}/${host}`;
      return [(PASSING.has(word) ? warning : fault)(found, next, { runbook: word })];
    });
    return faultsOr(findings, `${look.hosts.length} of ${look.hosts.length} answer`);
  },
};
