import { type DoctorCheck, type Finding, fault, inOrder, warning } from "../check.ts";

/** Whether the fleet is on a disk of a network. */
export const networkHomeCheck: DoctorCheck = {
  id: "network-home",
  what: "whether the fleet's files are on this machine",
  why: "on a network locks and fsync may not hold, a stall makes the host STALE, and two hosts may share one home",
  runbook: "home on a network",
  async look({ machine, paths }) {
    const network = machine.networkFileSystem(paths.mosaicHome);
    if (network === undefined) return [inOrder(`${paths.mosaicHome} is on a disk of this machine`)];
    const next = "export MOSAIC_HOME=/var/lib/mosaic";
    return [warning(`${paths.mosaicHome} is on a network (${network})`, next)];
  },
};

/** What there is to say of a home that does not even say whether it is there. Nothing else can be looked at then. */
export function silentHome(mosaicHome: string): Finding {
  return fault(
    `the disk of ${mosaicHome} does not answer, and so nothing on it can be looked at`,
    `findmnt --target ${mosaicHome}`,
    {
      runbook: "PLANES_UNREADABLE",
    },
  );
}
