import { formatIsoTime, parseIsoTime } from "../health/iso-time.ts";

/** Ends every recording's file name. */
export const RECORDING_SUFFIX = ".cast";

/** Makes the id of a recording, which is also its file's name without the suffix: when it began, so that ids sort by time,
 *  and something that no other of that ms has. For example `20261121T100000500Z-3f9a1c`.
 *  @param randomId any id with at least six letters or digits at its end */
export function recordingId(startedUnixMs: number, randomId: string): string {
  const [date = "", time = ""] = formatIsoTime(startedUnixMs).slice(0, 23).replace(/[-:.]/g, "").split("T");
  const short = randomId
    .replace(/[^0-9A-Za-z]/g, "")
    .slice(-SHORT_LENGTH)
    .toLowerCase();
  return `${date}T${time}Z-${short}`;
}

/** Reads the name of a recording's file.
 *  @returns undefined for a file of anything else */
export function parseRecordingName(fileName: string): { readonly id: string; readonly startedUnixMs: number } | undefined {
  const match = NAME.exec(fileName);
  if (match === null) return undefined;
  const [, id = "", year, month, day, hours, minutes, seconds, ms] = match;
  const startedUnixMs = parseIsoTime(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${ms}Z`);
  return startedUnixMs === undefined ? undefined : { id, startedUnixMs };
}

const SHORT_LENGTH = 6;
const NAME = /^((\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-z]{1,12})\.cast$/;
