import { lstat, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { MosaicError } from "@mosaic/core/light";
import { makeFolder } from "@mosaic/host/make-folder";
import type { Invocation } from "../command.ts";
import type { Io } from "../io/io.ts";
import type { DemoSize } from "./demo-plan.ts";

/** Reads the size of a demo from its flags.
 *  @throws MosaicError USAGE for a count out of range */
export function demoSize({ flags }: Invocation): DemoSize {
  return {
    hostCount: count(flags.integer("hosts") ?? 3, "hosts", 12),
    agentCount: count(flags.integer("agents") ?? 3, "agents", 100),
  };
}

/** The folder that a demo's flags mean, absolute. */
export async function demoDirectory({ flags }: Invocation, io: Io): Promise<string> {
  const given = flags.text("dir");
  return given === undefined ? `${await demoParent(io)}/demo` : resolve(io.cwd, given);
}

/** A folder that only this user can write to and that a reboot may empty.
 *  @throws MosaicError NOT_ALLOWED when somebody else has made one of that name: what is in it would be acted on */
export async function demoParent(io: Pick<Io, "env">): Promise<string> {
  const runtime = io.env["XDG_RUNTIME_DIR"];
  const path = runtime
    ? `${runtime}/mosaic-demos`
    : `${io.env["TMPDIR"] ?? tmpdir()}/mosaic-demos-${process.getuid?.() ?? "user"}`;
  await makeFolder(path);
  const found = await lstat(path);
  const isOurs = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
  if (!isOurs)
    throw new MosaicError("NOT_ALLOWED", `${path} is not a folder of yours alone`, { hint: "name another with --dir" });
  return path;
}

/** Removes the folder that held demos when the last one is gone. */
export async function tidyDemoParent(io: Pick<Io, "env">): Promise<void> {
  // Another demo in it keeps it, and then this fails, as it should.
  await rmdir(await demoParent(io)).catch(() => {});
}

function count(value: number, flag: string, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new MosaicError("USAGE", `--${flag} ${value} is not between 1 and ${most}`, { hint: "mosaic demo up --help" });
}
