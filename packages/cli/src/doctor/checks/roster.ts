import { type DoctorCheck, fault, inOrder } from "../check.ts";

/** The roster. */
export const rosterCheck: DoctorCheck = {
  id: "roster",
  what: "the roster of this host",
  why: "nothing is started that it does not name, and a bad one is not taken over",
  runbook: "ROSTER_INVALID",
  async look({ roster, paths }) {
    const look = await roster();
    switch (look.kind) {
      case "absent":
        return [fault(`there is none at ${paths.rosterPath}`, "mosaic fleet init --profile minimal --write")];
      case "bad":
        return [fault(look.message.split("\n", 1)[0] ?? look.code, "mosaic agent roster")];
      case "good": {
        const count = look.roster.agents.length;
        return [inOrder(`${count} ${count === 1 ? "agent" : "agents"} in ${paths.rosterPath}`)];
      }
      default:
        return look satisfies never;
    }
  },
};
