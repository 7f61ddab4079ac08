import { type DoctorCheck, type Finding, faultsOr, nothingHere, warning } from "../check.ts";

/** What a node with its agents uses, with room for the editors and runtimes beside it. */
const [ENOUGH_WATCHES, ENOUGH_INSTANCES] = [8192, 64];

/** Whether the kernel lets files be watched. */
export const inotifyCheck: DoctorCheck = {
  id: "inotify",
  what: "how many files the kernel lets this user watch",
  why: "without a watch a heartbeat or a changed roster is noticed late",
  runbook: "limits of the system",
  async look({ machine }) {
    const limits = machine.inotify();
    if (!limits) return [nothingHere("this system has no inotify")];
    const findings: Finding[] = [];
    if (limits.watches < ENOUGH_WATCHES)
      findings.push(warning(`${limits.watches} watches are few`, "sudo sysctl fs.inotify.max_user_watches=65536"));
    if (limits.instances < ENOUGH_INSTANCES)
      findings.push(warning(`${limits.instances} watchers are few`, "sudo sysctl fs.inotify.max_user_instances=512"));
    return faultsOr(findings, `${limits.watches} watches for ${limits.instances} watchers`);
  },
};
