import { judgeRoster } from "../../fleet/judge-roster.ts";
import { type DoctorCheck, faultsOr, nothingHere } from "../check.ts";
import { itemFinding } from "./item-finding.ts";

/** What agents execute, where a detached pane looks for it. */
export const programsCheck: DoctorCheck = {
  id: "programs",
  what: "the program of every agent's runtime, on the PATH of a detached pane",
  why: "an agent whose program is not found ends at once, and again at each try",
  runbook: "programs of agents",
  async look({ roster, machine }) {
    const look = await roster();
    if (look.kind !== "good") return [nothingHere("there is no roster that can be used")];
    const items = judgeRoster(look.roster, machine.finder(await machine.agentPath()));
    const programs = items.filter(({ check }) => !check.startsWith("directory "));
    const amiss = programs.filter(({ level }) => level !== "ok");
    const findings = amiss.map((item) => itemFinding({ ...item, message: `${item.check}: ${item.message}` }));
    return faultsOr(findings, programs.map(({ message }) => message).join(", ") || "they need none");
  },
};
