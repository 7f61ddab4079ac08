import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type FleetEvent, parseEventLine } from "@mosaic/core/light";
import { machineFailure } from "../machine-failure.ts";
import { eventFiles } from "./event-files.ts";

/** Files of a journal unless something else is said. */
export const MAX_EVENT_FILES = 4;

const CHUNK_BYTES = 64 * 1024;

/** What is said of a line that is no event. */
export type OnUnreadable = (file: string) => void;

/** Reads an event journal from its newest event to its oldest, also while it is written to and put aside. What a crash left of a
 *  line is passed over.
 *  @throws MosaicError MACHINE when a file can't be read */
export async function* readEventsBack(
  path: string,
  { maxFiles = MAX_EVENT_FILES, onUnreadable }: { readonly maxFiles?: number; readonly onUnreadable?: OnUnreadable } = {},
): AsyncGenerator<FleetEvent> {
  let oldest: string | undefined;
  for (const file of eventFiles(path, maxFiles)) {
    for await (const line of linesBack(file)) {
      const event = parseEventLine(line);
      if (!event) onUnreadable?.(file);
      // A file that was put aside meanwhile is met again.
      else if (oldest === undefined || event.id < oldest) {
        oldest = event.id;
        yield event;
      }
    }
  }
}

async function* linesBack(path: string): AsyncGenerator<string> {
  await using file = await openIfThere(path);
  if (!file) return;
  let { size: at } = await file.stat();
  let rest: Buffer = Buffer.alloc(0);
  while (at > 0) {
    const length = Math.min(CHUNK_BYTES, at);
    at -= length;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
    rest = Buffer.concat([buffer.subarray(0, bytesRead), rest]);
    // Whatever stands before the first line's end may begin further in front.
    const begin = at === 0 ? 0 : rest.indexOf(0x0a) + 1;
    if (begin === 0 && at > 0) continue;
    const lines = rest.subarray(begin).toString("utf8").split("\n");
    rest = rest.subarray(0, begin);
    for (const line of lines.reverse()) if (line !== "") yield line;
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw machineFailure(`cannot read "${path}"`, thrown);
  }
}
