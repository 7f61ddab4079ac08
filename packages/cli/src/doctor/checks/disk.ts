import { judgeDisk } from "../../fleet/judge-host.ts";
import { type DoctorCheck, fault, warning } from "../check.ts";
import { itemFinding } from "./item-finding.ts";

/** Of a disk with less than this share free daemons take no messages (docs/delivery.md). */
const LEAST_FREE_SHARE = 0.05;

/** The disk that the fleet is on. */
export const diskCheck: DoctorCheck = {
  id: "disk",
  what: "the disk that the fleet's files are on",
  why: "no message can be made durable and nothing is recorded when it is full or read-only",
  runbook: "STORE_UNAVAILABLE",
  async look({ machine, files, paths }) {
    const disk = machine.disk(paths.mosaicHome);
    const { folder, freeBytes, totalBytes } = disk;
    if ((await files.writeProblem(folder)) === "EROFS")
      return [fault(`${folder} is on a disk that is read-only`, `findmnt --target ${folder}`)];
    const item = itemFinding(judgeDisk(disk));
    if (item.severity !== "ok" || freeBytes >= totalBytes * LEAST_FREE_SHARE) return [item];
    const percent = Math.floor((freeBytes / totalBytes) * 100);
    return [warning(`only ${percent} % of the disk are free at ${folder}, and messages need 5 %`, `df -h ${folder}`)];
  },
};
