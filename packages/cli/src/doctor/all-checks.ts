import type { DoctorCheck } from "./check.ts";
import { agentsCheck } from "./checks/agents.ts";
import { aggregatorCheck } from "./checks/aggregator.ts";
import { auditCheck } from "./checks/audit.ts";
import { bootCheck } from "./checks/boot.ts";
import { certificateCheck } from "./checks/certificate.ts";
import { clockCheck } from "./checks/clock.ts";
import { conditionsCheck } from "./checks/conditions.ts";
import { directoriesCheck } from "./checks/directories.ts";
import { diskCheck } from "./checks/disk.ts";
import { fleetTrustCheck } from "./checks/fleet-trust.ts";
import { guardrailsCheck } from "./checks/guardrails.ts";
import { heartbeatsCheck } from "./checks/heartbeats.ts";
import { homeCheck } from "./checks/home.ts";
import { hooksCheck } from "./checks/hooks.ts";
import { hostsCheck } from "./checks/hosts.ts";
import { identityFilesCheck } from "./checks/identity-files.ts";
import { inotifyCheck } from "./checks/inotify.ts";
import { installationCheck } from "./checks/installation.ts";
import { leftBehindCheck } from "./checks/left-behind.ts";
import { lingeringCheck } from "./checks/lingering.ts";
import { localeCheck } from "./checks/locale.ts";
import { membersCheck } from "./checks/members.ts";
import { membershipCheck } from "./checks/membership.ts";
import { messagesCheck } from "./checks/messages.ts";
import { networkHomeCheck } from "./checks/network-home.ts";
import { nodeCheck } from "./checks/node.ts";
import { openFilesCheck } from "./checks/open-files.ts";
import { panePathCheck } from "./checks/pane-path.ts";
import { policyCheck } from "./checks/policy.ts";
import { portCheck } from "./checks/port.ts";
import { programsCheck } from "./checks/programs.ts";
import { reloadCheck } from "./checks/reload.ts";
import { rosterCheck } from "./checks/roster.ts";
import { runDirectoryCheck } from "./checks/run-directory.ts";
import { socketsCheck } from "./checks/sockets.ts";
import { systemdCheck } from "./checks/systemd.ts";
import { tmuxCheck } from "./checks/tmux.ts";
import { tmuxFolderCheck } from "./checks/tmux-folder.ts";
import { unitFilesCheck } from "./checks/unit-files.ts";
import { unitProgramsCheck } from "./checks/unit-programs.ts";
import { unitsCheck } from "./checks/units.ts";
import { upgradeCheck } from "./checks/upgrade.ts";
import { versionCheck } from "./checks/version.ts";

/** Every check, from the machine up to the fleet: what is wrong further down explains what is wrong further up. */
export const ALL_CHECKS: readonly DoctorCheck[] = [
  ...[tmuxCheck, tmuxFolderCheck, systemdCheck, lingeringCheck, diskCheck, networkHomeCheck, openFilesCheck, inotifyCheck],
  ...[localeCheck, homeCheck, runDirectoryCheck, socketsCheck, leftBehindCheck, auditCheck, rosterCheck, programsCheck],
  ...[panePathCheck, directoriesCheck, hooksCheck, heartbeatsCheck, messagesCheck, identityFilesCheck, certificateCheck],
  ...[fleetTrustCheck, policyCheck, guardrailsCheck, membershipCheck, upgradeCheck, unitFilesCheck, installationCheck],
  ...[unitProgramsCheck, reloadCheck, unitsCheck, bootCheck, nodeCheck, aggregatorCheck, versionCheck, portCheck, clockCheck],
  ...[membersCheck, hostsCheck, conditionsCheck, agentsCheck],
];
