/** Real ports to this machine: processes, tmux, procfs, files, clock. The only room that starts processes. */

export { auditFiles, auditLines, linesOf } from "./audit/audit-files.ts";
export { readAuditHead } from "./audit/audit-head.ts";
export {
  type AuditCheckpoint,
  type AuditHead,
  type AuditLine,
  type AuditProblem,
  type AuditReport,
  EMPTY_HEAD,
  placeOf,
  verifyAudit,
} from "./audit/chain.ts";
export { fileAuditChain, signersFolder } from "./audit/file-audit-chain.ts";
export {
  type CheckpointSigner,
  type SignedAuditLog,
  type SignedAuditLogOptions,
  startSignedAuditLog,
  startSigning,
} from "./audit/signed-audit-log.ts";
export { type FileAuditLogOptions, fileAuditLog } from "./audit-log.ts";
export { parseDaemonFlags } from "./daemon-flags.ts";
export { type DaemonStart, startDaemon } from "./daemon-process.ts";
export { debugOnSignal } from "./debug-on-signal.ts";
export { eventFileBytes, type OpenEventJournalOptions, openEventJournal } from "./events/open-event-journal.ts";
export { readEventsBack } from "./events/read-events-back.ts";
export { type ProgramResult, runProgram } from "./exec.ts";
export { takeFileLock } from "./file-lock.ts";
export { fileStore } from "./file-store.ts";
export { watchedFiles, writeFileAtomically } from "./files.ts";
export { growingFiles } from "./growing-files.ts";
export { type JournalQuestion, journalLines } from "./journal.ts";
export { claimSocketPath } from "./local-socket.ts";
export { environment, hostName, loginName, newId } from "./machine.ts";
export { machineFailure } from "./machine-failure.ts";
export { assertOwnFile } from "./own-file.ts";
export { ownLogArchive } from "./own-log-archive.ts";
export { persistentId, readId } from "./persistent-id.ts";
export { procfsTable } from "./procfs.ts";
export { readTree } from "./read-tree.ts";
export { recordingStore } from "./recording-store.ts";
export { type DaemonRecord, readDaemonRecord, runDaemonProgram } from "./run-daemon.ts";
export { spoolFolder } from "./spool-folder.ts";
export { type SrvTarget, srvLookup } from "./srv-lookup.ts";
export { stopProcess } from "./stop-process.ts";
export { connectSystemBus, type SystemBus } from "./system-bus.ts";
export { systemClock } from "./system-clock.ts";
export { connectSystemd, type SystemdOptions } from "./systemd/connect-systemd.ts";
export { enableLingering, readLingering } from "./systemd/lingering.ts";
export { unitsToReload } from "./systemd/units-to-reload.ts";
export { connectTmux, type TmuxOptions } from "./tmux/connect-tmux.ts";
export { tmuxVersion } from "./tmux/tmux-version.ts";
