import { parseEnv } from "node:util";
import { judgeRoster } from "../../fleet/judge-roster.ts";
import { type DoctorCheck, type Finding, fault, faultsOr, nothingHere } from "../check.ts";

/** The PATH that was baked into what is installed. */
export const panePathCheck: DoctorCheck = {
  id: "pane-path",
  what: "the PATH that each installed agent is started with",
  why: "it was written when the fleet was installed, and programs move: a new Node.js, another prefix of npm",
  runbook: "programs of agents",
  async look({ roster, machine, files, paths }) {
    const look = await roster();
    if (look.kind !== "good") return [nothingHere("there is no roster that can be used")];
    const findings: Finding[] = [];
    let count = 0;
    for (const agent of look.roster.agents) {
      const path = parseEnv((await files.read(`${paths.agentsDirectory}/${agent.name}.env`)) ?? "")["PATH"];
      if (path === undefined) continue;
      count += 1;
      const items = judgeRoster({ ...look.roster, agents: [agent] }, machine.finder(path));
      const missing = items.find(({ check, level }) => level === "missing" && !check.startsWith("directory "));
      const next = `mosaic fleet install-systemd && mosaic fleet restart ${agent.name}`;
      if (missing) findings.push(fault(`in the pane of ${agent.name}: ${missing.message}`, next));
    }
    return count === 0 ? [nothingHere("no agent is installed")] : faultsOr(findings, `of ${count} agents`);
  },
};
