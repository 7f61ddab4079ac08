import { type DoctorCheck, type Finding, faultsOr, nothingHere, warning } from "../check.ts";

/** What the agents' own rows say is wrong. */
export const agentsCheck: DoctorCheck = {
  id: "agents",
  what: "what is wrong with single agents",
  why: "each is an agent that does not work, is not heard, or would not come back",
  runbook: "Conditions",
  async look({ fleet }) {
    const look = await fleet();
    if (!look) return [nothingHere("nobody answers that could tell")];
    const findings: Finding[] = look.agents.flatMap(({ tenantId = "", host = "", name = "", conditions = [] }) =>
      conditions.map(({ type = "", message = "" }) => {
        const address = `${tenantId}/${host}/${name}`;
        return warning(`${address}: ${type}: ${message}`, `mosaic agent status ${address}`, { runbook: type });
      }),
    );
    return faultsOr(findings, `${look.agents.length} agents, nothing wrong`);
  },
};
