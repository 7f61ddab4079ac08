import { type DoctorCheck, fault, faultsOr, nothingHere } from "../check.ts";

/** What makes runtimes report. */
export const hooksCheck: DoctorCheck = {
  id: "hooks",
  what: "the hooks, plugins and extensions by which agents report",
  why: "an agent whose hooks are gone or stale is not heard, and messages to it end as UNCONFIRMED",
  runbook: "HOOKLESS",
  async look({ roster, hooks, installHooks }) {
    const look = await roster();
    if (look.kind !== "good") return [nothingHere("there is no roster that can be used")];
    const items = await hooks(look.roster);
    const findings = items
      .filter(({ outcome }) => outcome === "missing" || outcome === "refused")
      .map(({ runtime, way, outcome, detail, next }) => {
        const isFixable = way === "files" && outcome === "missing";
        const fix = isFixable ? { does: next, apply: () => installHooks(runtime) } : undefined;
        return fault(`${runtime}: ${detail}`, next, { fix });
      });
    return faultsOr(findings, items.map(({ runtime }) => runtime).join(", ") || "no runtime needs any");
  },
};
