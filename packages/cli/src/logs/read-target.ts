import { EXIT_CODES, type MosaicError } from "@mosaic/core/light";
import type { FleetClient } from "@mosaic/rpc";
import { LogLevel } from "@mosaic/wire";
import type { LogLevel as LevelName } from "./log-line.ts";
import type { LogTarget } from "./log-targets.ts";

export type LogRequest = Parameters<FleetClient["readLog"]>[0];

/** What is asked of each daemon. */
export function toRequest(
  { tenantId, host, aggregatorId }: LogTarget,
  { lines, level, follow }: { readonly lines: number; readonly level: LevelName; readonly follow: boolean },
): LogRequest {
  const who = aggregatorId === "" ? { tenantId, host } : { aggregatorId };
  return { ...who, lines, minLevel: LEVELS[level], follow };
}

/** A log that could not be read. */
export interface MissingLog {
  readonly tenant_id: string;
  readonly host: string;
  readonly daemon: "node" | "aggregator";
  /** Of the closed list of errors. */
  readonly code: string;
  /** For people. */
  readonly detail: string;
}

/** Says which log could not be read, and why. */
export function toMissing({ tenantId, host, aggregatorId }: LogTarget, { code, message }: MosaicError): MissingLog {
  return { tenant_id: tenantId, host, daemon: aggregatorId === "" ? "node" : "aggregator", code, detail: message };
}

/** Names a daemon for people. */
export function targetName({ tenantId, host }: Pick<LogTarget, "tenantId" | "host">): string {
  return tenantId === "" ? `aggregator ${host}` : `${tenantId}/${host}`;
}

/** Whether a log is missing that nobody asked for by name: an aggregator with walls keeps its own to its own host, whoever asks. */
export function isKeptBack({ aggregatorId }: LogTarget, { code }: Pick<MosaicError, "code">): boolean {
  return aggregatorId !== "" && (code === "NOT_ALLOWED" || code === "NOT_HERE" || code === "HOST_NOT_FOUND");
}

/** 4 when no log could be read, 3 when some could not be. */
export function exitCodeOf(answered: number, missing: number): number {
  if (missing === 0) return EXIT_CODES.ok;
  return answered === 0 ? EXIT_CODES.nobodyAnswered : EXIT_CODES.partial;
}

const LEVELS = { debug: LogLevel.UNSPECIFIED, info: LogLevel.INFO, warn: LogLevel.WARN, error: LogLevel.ERROR } as const;
