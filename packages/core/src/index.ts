/** The rules of the fleet, pure: nothing here reads a clock, a file, the environment or the network. */
export { aborted } from "./aborted.ts";
export { formatAddress, type PartialAddress } from "./address/parse-address.ts";
export { resolveAddress } from "./address/resolve-address.ts";
export { type LastGoodFile, type LastGoodFileOptions, openLastGoodFile } from "./config/last-good-file.ts";
export {
  type AgentReport,
  Evidence,
  HeartbeatStatus,
  type LeaveAsked,
  type PromptTaken,
  type TurnBroken,
} from "./delivery/agent-report.ts";
export { type AgentSaid, saidAfter } from "./delivery/agent-said.ts";
export { heldBecause, mayHaveBeenTaken, nextAttempt } from "./delivery/attempts.ts";
export { canonicalPrompt } from "./delivery/canonical-prompt.ts";
export { mergeReceipts } from "./delivery/merge-receipts.ts";
export { hasReached, isFinal, newReceipt, type StepFacts, withRemark, withStep } from "./delivery/receipt.ts";
export { textToType } from "./delivery/text-to-type.ts";
export { ERROR_CODES, type ErrorCode, EXIT_CODES, MosaicError, type MosaicErrorOptions, type RpcStatus } from "./errors.ts";
export {
  type AgentSeen,
  agentChanges,
  agentSeen,
  type Change,
  conditionChanges,
  isSameForEvents,
  stillSeen,
} from "./events/agent-changes.ts";
export { Conflation, type Counted } from "./events/conflate.ts";
export { enumName } from "./events/enum-name.ts";
export { newEventId } from "./events/event-id.ts";
export { formatEventLine } from "./events/event-line.ts";
export type { EventJournal, EventKind, FleetEvent, Happening } from "./events/fleet-event.ts";
export { followLog } from "./events/follow-log.ts";
export { hostChanges, hostSeen } from "./events/host-changes.ts";
export { type LastKnown, lastKnown } from "./events/last-known.ts";
export { recordConditions, SETTLE_MS } from "./events/record-conditions.ts";
export { recordDaemon } from "./events/record-daemon.ts";
export { gapFrame, serveEvents } from "./events/serve-events.ts";
export { WaitingFrames } from "./events/waiting-frames.ts";
export { formatHeartbeatFile, type HeartbeatFile, parseHeartbeatFile } from "./health/heartbeat-file.ts";
export { DEFAULT_HEARTBEAT_INTERVAL_MS } from "./health/heartbeat-health.ts";
export type { AgentTold } from "./join/agent-told.ts";
export type { HeartbeatReading } from "./join/heartbeat-reading.ts";
export { hostConditions } from "./join/host-conditions.ts";
export { createRowMemory, joinPlanes, nextHealthChangeUnixMs, type RowMemory } from "./join/join-planes.ts";
export { PlaneReader, type PlaneReaderOptions, type WholePlane } from "./join/plane-reader.ts";
export type { PlaneReadings } from "./join/plane-readings.ts";
export type { Planes, ReadPlanesOptions } from "./join/planes.ts";
export { readPlanes } from "./join/read-planes.ts";
export { changedRows, rowChanges } from "./join/row-changes.ts";
export { withRecordingStopped } from "./join/row-conditions.ts";
export { noUnits } from "./join/unit-plane.ts";
export { LogRing, type LogRingOptions } from "./logs/log-ring.ts";
export { type OwnLog, serveLog } from "./logs/serve-log.ts";
export { StreamPlaces } from "./logs/stream-places.ts";
export type { AuditChain, AuditChainEnd, AuditHead, AuditSigner } from "./ports/audit-chain.ts";
export type { AuditEntry, AuditLog } from "./ports/audit-log.ts";
export type { Clock } from "./ports/clock.ts";
export type { FileStore } from "./ports/file-store.ts";
export type { GrowingFiles } from "./ports/growing-files.ts";
export type { Lease, LeaseStore } from "./ports/lease-store.ts";
export { type Log, type LogFields, silentLog } from "./ports/log.ts";
export type { ArchivedLine, LogArchive } from "./ports/log-archive.ts";
export type { MembershipCursor, MembershipKey, MembershipRecord, MembershipStore } from "./ports/membership-store.ts";
export type { Injection, MessageChange, MessageStore, StoredMessage, StoreHealth } from "./ports/message-store.ts";
export type { ProcessFacts, ProcessTable } from "./ports/process-table.ts";
export type { OpenRecording, RecordingFile, RecordingStore } from "./ports/recording-store.ts";
export type { SessionTape, SessionTapes, TapeEvent, TapeScreen } from "./ports/session-tape.ts";
export { passThroughTracer, type Span, type SpanAttributes, type SpanKind, type SpanOptions, type Tracer } from "./ports/span.ts";
export type { SpooledEvent, SpoolFolder } from "./ports/spool-folder.ts";
export type { TerminalClient, TerminalClients } from "./ports/terminal-clients.ts";
export type { OutputEvent, TerminalKeyboard, TerminalOutput } from "./ports/terminal-control.ts";
export type {
  CaptureOptions,
  PaneCapture,
  PaneFacts,
  SessionLaunch,
  SessionLauncher,
  TerminalServer,
} from "./ports/terminal-server.ts";
export type { UnitControl, UnitFacts, UnitReading, UnitTable } from "./ports/units.ts";
export type { WatchedFiles } from "./ports/watched-file.ts";
export { formatCastEvent, formatCastHeader } from "./recording/cast-format.ts";
export { paintScreen } from "./recording/paint-screen.ts";
export { parseRecordingName, RECORDING_SUFFIX, recordingId } from "./recording/recording-name.ts";
export { rotationPlan } from "./recording/rotation-plan.ts";
export { createUtf8Stream } from "./recording/utf8-stream.ts";
export { type ParseRosterOptions, parseRoster } from "./roster/parse-roster.ts";
export { readWorkers } from "./roster/read-workers.ts";
export {
  type Hardening,
  type Recording,
  type ResourceLimits,
  ROSTER_RUNTIMES,
  type Roster,
  type RosterAgent,
} from "./roster/roster.ts";
export { agentNameOf, sessionNameOf } from "./roster/session-name.ts";
export { agentOfUnit, agentUnit } from "./roster/unit-name.ts";
export { formatWorker, withWorkers } from "./roster/workers.ts";
export { newLines, withoutTrailingBlanks } from "./terminal/new-lines.ts";
export { screenFrame, terminalEnd } from "./terminal/screen-frames.ts";
export { isMapping, parseJson, parseMapping } from "./text/json-values.ts";
export { nearNames } from "./text/near-names.ts";
export { Counters } from "./watch/counters.ts";
export { fnv1a64 } from "./watch/digest.ts";
export { FleetLog, type FleetLogOptions, type LogEntry } from "./watch/fleet-log.ts";
export { type FleetChange, FleetState, type StoredRow } from "./watch/fleet-state.ts";
export { FleetView, type Freshness, type ViewStep } from "./watch/fleet-view.ts";
export { compareHosts, compareRows, hostKeyMessage, hostKeyOf } from "./watch/keys.ts";
export { firstPageOf, type ListPage, listPage } from "./watch/list-page.ts";
export { type PinnedList, PinnedLists } from "./watch/pinned-lists.ts";
export { selectsHost, selectsRow } from "./watch/selector.ts";
export { type ServeWatchDeps, serveWatch } from "./watch/serve-watch.ts";
