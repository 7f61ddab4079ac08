import { type DoctorCheck, nothingHere } from "../check.ts";
import { judgeDaemon } from "../judge-daemon.ts";

/** The aggregator of this host. */
export const aggregatorCheck: DoctorCheck = {
  id: "aggregator",
  what: "whether the aggregator of this host, if it has one, runs and answers",
  why: "without it nobody sees more than one host from here",
  runbook: "NOT_SERVED",
  async look(world) {
    const isMeant = await world.files.look(`${world.paths.mosaicHome}/fleet/hosts.yaml`);
    const { info } = await world.daemon("aggregator");
    if (!isMeant && info === undefined) return [nothingHere("no aggregator is on this host")];
    return [await judgeDaemon("aggregator", world)];
  },
};
