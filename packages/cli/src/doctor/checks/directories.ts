import { judgeRoster } from "../../fleet/judge-roster.ts";
import { type DoctorCheck, faultsOr, nothingHere } from "../check.ts";
import { itemFinding } from "./item-finding.ts";

/** Where agents work. No fix: an empty folder in the place of a checkout that is missing would be worse than none. */
export const directoriesCheck: DoctorCheck = {
  id: "directories",
  what: "the folder that each agent works in",
  why: "an agent does not start where there is none",
  runbook: "programs of agents",
  async look({ roster, machine }) {
    const look = await roster();
    if (look.kind !== "good") return [nothingHere("there is no roster that can be used")];
    const items = judgeRoster(look.roster, machine.finder(await machine.agentPath()));
    const folders = items.filter(({ check }) => check.startsWith("directory "));
    const amiss = folders.filter(({ level }) => level !== "ok");
    const findings = amiss.map((item) => itemFinding({ ...item, message: `${item.check.slice(10)} ${item.message}` }));
    return faultsOr(findings, folders.map(({ message }) => message).join(", "));
  },
};
