import { type DoctorCheck, nothingHere } from "../check.ts";
import { judgeDaemon } from "../judge-daemon.ts";

/** The node of this host. */
export const nodeCheck: DoctorCheck = {
  id: "node",
  what: "whether the node of this host runs and answers",
  why: "without it this host is UNREACHABLE for everybody else, and no message arrives",
  runbook: "NOT_SERVED",
  async look(world) {
    const look = await world.roster();
    if (look.kind === "absent") return [nothingHere("there is no roster, and so nothing to serve")];
    return [await judgeDaemon("node", world)];
  },
};
