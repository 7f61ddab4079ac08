import type { FleetReading } from "../fleet/read-fleet.ts";
import { readRemote } from "../fleet/read-fleet.ts";
import { verify } from "../fleet/verify-answer.ts";
import { askFirst, placesFor } from "../remote/endpoints.ts";
import { silentHealth, toHealth } from "../status/health-answer.ts";
import type { Baseline, BaselineCheck } from "./baseline.ts";
import type { EvidencePart, GateQuestion } from "./evidence-part.ts";

/** States of hosts, the best first. */
const HOST_STATES = [
  ...["LIVE", "DRAINING", "OVERLOADED", "WARMING", "STALE", "UNREACHABLE", "AUTH_FAILED", "INCOMPATIBLE", "NEVER_SEEN"],
] as const;

/** Every expected host with its state, its live agents, what is said to be wrong, and the verdict of `mosaic health`. */
export const fleetEvidence: readonly EvidencePart[] = [
  { parts: ["host", "agents", "conditions"], collect: async (question) => fleetChecks(question, await readWith(question)) },
  {
    parts: ["health"],
    async collect(question) {
      const { status } = await readWith(question).then((reading) => toHealth(asked(question), reading), silentHealth);
      return { "health.status": { rule: "ranked", best_first: ["healthy", "partial", "silent"], value: status } };
    },
  },
];

function fleetChecks(question: GateQuestion, reading: FleetReading): Baseline {
  const { answer } = verify(asked(question), reading, []);
  const checks: Record<string, BaselineCheck> = {};
  for (const { tenant_id, host, state } of answer.hosts) {
    const name = `${tenant_id}/${host}`;
    const isOn = (agent: { tenant_id: string; host: string }) => agent.tenant_id === tenant_id && agent.host === host;
    const live = answer.items.filter((agent) => agent.live && isOn(agent)).map((agent) => agent.name);
    checks[`host:${name}`] = { rule: "ranked", best_first: HOST_STATES, value: state };
    checks[`agents:${name}`] = { rule: "keeps", value: live };
  }
  const own = (reading.conditions ?? []).map(({ type = "" }) => type);
  const hosts = answer.hosts.flatMap(({ tenant_id, host, conditions }) =>
    conditions.map(({ type }) => `${tenant_id}/${host} ${type}`),
  );
  return { ...checks, "conditions.all": { rule: "no-more", value: [...new Set([...own, ...hosts])] } };
}

// Whoever serves the fleet, and not what could be seen past it: that would be another thing at each time.
async function readWith(question: GateQuestion): Promise<FleetReading> {
  return await askFirst(placesFor("anywhere", question.globals), (place) => readRemote(place, asked(question), question.deps));
}

function asked({ globals, timeoutMs }: GateQuestion) {
  return { globals, reach: "anywhere", tenants: [], hosts: [], isLive: false, timeoutMs } as const;
}
