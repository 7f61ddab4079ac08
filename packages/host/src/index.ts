/** Real ports to this machine: processes, tmux, procfs, files, clock. The only room that starts processes. */
export { type FileAuditLogOptions, fileAuditLog } from "./audit-log.ts";
export { parseDaemonFlags } from "./daemon-flags.ts";
export { type DaemonStart, startDaemon } from "./daemon-process.ts";
export { fileStore } from "./file-store.ts";
export { watchedFiles, writeFileAtomically } from "./files.ts";
export { claimSocketPath } from "./local-socket.ts";
export { environment, hostName, loginName, newId } from "./machine.ts";
export { persistentId, readId } from "./persistent-id.ts";
export { procfsTable } from "./procfs.ts";
export { readTree } from "./read-tree.ts";
export { recordingStore } from "./recording-store.ts";
export { type DaemonRecord, readDaemonRecord, runDaemonProgram } from "./run-daemon.ts";
export { stopProcess } from "./stop-process.ts";
export { systemClock } from "./system-clock.ts";
export { connectSystemd, type SystemdOptions } from "./systemd/connect-systemd.ts";
export { enableLingering, readLingering } from "./systemd/lingering.ts";
export { connectTmux, type TmuxOptions } from "./tmux/connect-tmux.ts";
export { tmuxVersion } from "./tmux/tmux-version.ts";
