import { MosaicError } from "@mosaic/core";
import type { RosterLook } from "../../doctor/doctor-world.ts";
import type { Io } from "../../io/io.ts";
import { findRoster } from "../read-roster.ts";

/** Reads the roster; one that can't be used is an answer, not an error.
 *  @throws MosaicError MACHINE when its file can't be read */
export async function lookAtRoster(path: string, io: Pick<Io, "hostName">): Promise<RosterLook> {
  try {
    const roster = await findRoster(path, io);
    return roster === undefined ? { kind: "absent" } : { kind: "good", roster };
  } catch (thrown) {
    const { code, message } = MosaicError.from(thrown);
    if (code !== "ROSTER_INVALID") throw thrown;
    return { kind: "bad", code, message };
  }
}
