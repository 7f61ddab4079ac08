import { growingFiles } from "@mosaic/host";
import type { Io } from "../io/io.ts";

/** Largest part of a file's end that is read for its last lines. */
const TAIL_BYTES = 1024 * 1024;
/** How often a file is looked at that somebody appends to, in ms. */
const LOOK_EVERY_MS = 500;

export interface FileLinesOptions {
  /** How many, counted from the last. */
  readonly lines: number;
  /** True: it goes on with what is appended, until the signal aborts. */
  readonly isFollowing: boolean;
  readonly signal: AbortSignal;
}

/** The last lines of a file, oldest first, without empty ones; of a file of more than 1 MiB only those at its end. One that is cut
 *  short or replaced while it is followed is read from its beginning; one that is not there has no lines yet.
 *  @throws MosaicError MACHINE when it can't be read */
export async function* fileLines(
  path: string,
  { lines, isFollowing, signal }: FileLinesOptions,
  { clock }: Pick<Io, "clock">,
): AsyncGenerator<string> {
  // It is looked at all the same where the system can't notify.
  const files = growingFiles(() => {});
  let at = Math.max(0, ((await files.size(path)) ?? 0) - TAIL_BYTES);
  const isCut = at > 0;
  let rest: Uint8Array = new Uint8Array();
  const take = async (): Promise<string[]> => {
    const size = await files.size(path);
    if (size === undefined) return [];
    if (size < at) [at, rest] = [0, new Uint8Array()];
    const chunk = await files.read(path, at, TAIL_BYTES);
    at += chunk.length;
    const bytes = Buffer.concat([rest, chunk]);
    // A letter may be in two pieces, and a line's end never is a part of one.
    const end = bytes.lastIndexOf(0x0a) + 1;
    rest = bytes.subarray(end);
    return bytes
      .subarray(0, end)
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "");
  };
  const first = (await take()).slice(isCut ? 1 : 0);
  if (!isFollowing && rest.length > 0) first.push(Buffer.from(rest).toString("utf8"));
  yield* first.slice(-lines);
  while (isFollowing && !signal.aborted) {
    const more = await take();
    yield* more;
    if (more.length === 0) await clock.sleep(LOOK_EVERY_MS, signal);
  }
}
