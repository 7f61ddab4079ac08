import { journalLines } from "@mosaic/host";
import { type GatewayRole, gatewayUnit } from "@mosaic/lifecycle";
import type { Io } from "../io/io.ts";
import { type LogLine, parseJournalEntry, parseLogLine } from "../logs/log-line.ts";
import { fileLines } from "./file-lines.ts";

/** Where daemons' words are kept. */
export interface LogSource {
  /** For people: a path, or `journal of mosaic-node.service`. */
  readonly name: string;
  /** The last lines, oldest first, and with `isFollowing` what comes after until the signal aborts.
   *  @throws MosaicError MACHINE */
  read(lines: number, isFollowing: boolean, signal: AbortSignal): AsyncIterable<LogLine>;
}

/** The log of a daemon that was started with its output in a file, as the demo's are. */
export function fileSource(path: string, role: GatewayRole, io: Pick<Io, "clock">): LogSource {
  return {
    name: path,
    async *read(lines, isFollowing, signal) {
      for await (const line of fileLines(path, { lines, isFollowing, signal }, io)) yield parseLogLine(line, role);
    },
  };
}

/** The journal, for daemons that systemd keeps. */
export function journalSource(roles: readonly GatewayRole[], env: Io["env"]): LogSource {
  const units = roles.map(gatewayUnit);
  const given = Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  return {
    name: `journal of ${units.join(" and ")}`,
    async *read(lines, isFollowing, signal) {
      for await (const text of journalLines({ units, lines, isFollowing, env: given, signal })) {
        const line = parseJournalEntry(text);
        if (line) yield line;
      }
    },
  };
}
