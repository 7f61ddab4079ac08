/** The rules of the fleet, pure: nothing here reads a clock, a file, the environment or the network. */
export { ERROR_CODES, EXIT_CODES, type ErrorCode, MosaicError, type MosaicErrorOptions, type RpcStatus } from "./errors.ts";
export type { Clock } from "./ports/clock.ts";
export { type Log, type LogFields, silentLog } from "./ports/log.ts";
export type { ProcessFacts, ProcessTable } from "./ports/process-table.ts";
export { passThroughTracer, type Span, type SpanAttributes, type SpanKind, type SpanOptions, type Tracer } from "./ports/span.ts";
export type {
  CaptureOptions,
  PaneCapture,
  PaneFacts,
  SessionLaunch,
  SessionLauncher,
  TerminalServer,
} from "./ports/terminal-server.ts";
export type { WatchedFiles } from "./ports/watched-file.ts";
