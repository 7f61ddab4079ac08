import { type DoctorCheck, fault, inOrder, nothingHere } from "../check.ts";

/** The audit log. */
export const auditCheck: DoctorCheck = {
  id: "audit",
  what: "whether the audit log can be written",
  why: "what is not on record is not done: start, stop, attach and send are refused",
  runbook: "MACHINE",
  async look({ files, paths: { auditPath }, user }) {
    const found = await files.look(auditPath);
    if (!found) return [nothingHere("nothing is on record yet")];
    const problem = await files.writeProblem(auditPath);
    if (problem === "EROFS") return [fault(`${auditPath} is on a disk that is read-only`, `findmnt --target ${auditPath}`)];
    if (problem !== undefined || found.uid !== user.uid)
      return [
        fault(
          `${auditPath} is not ${user.name}'s to write (${problem ?? `user ${found.uid}`})`,
          `sudo chown ${user.name} ${auditPath}`,
        ),
      ];
    return [inOrder(auditPath)];
  },
};
