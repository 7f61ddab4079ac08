import { access } from "node:fs/promises";
import { join } from "node:path";
import { MosaicError } from "@mosaic/core";
import { runProgram } from "../exec.ts";

export interface LingeringOptions {
  /** Login name. */
  readonly user: string;
  /** Where logind keeps one file for each user that lingers. Default `/var/lib/systemd/linger`. */
  readonly lingerDirectory?: string | undefined;
  /** Where logind keeps one file for each seat, `seat0` always among them. The folder alone proves nothing: images have it
   *  from the package. Default `/run/systemd/seats`. */
  readonly seatsDirectory?: string | undefined;
}

/** Says whether the user's manager starts at boot and outlives the last logout. `unknown`: no logind has run here since the
 *  boot, or we may not look. Starts no process. */
export async function readLingering(options: LingeringOptions): Promise<"enabled" | "disabled" | "unknown"> {
  const { user, lingerDirectory = "/var/lib/systemd/linger", seatsDirectory = "/run/systemd/seats" } = options;
  if ((await look(join(seatsDirectory, "seat0"))) !== "there") return "unknown";
  const found = await look(join(lingerDirectory, user));
  return found === "there" ? "enabled" : found === "absent" ? "disabled" : "unknown";
}

/** Makes the user's manager start at boot and outlive the last logout.
 *  @throws MosaicError MACHINE when logind refuses or there is no `loginctl`; DEADLINE, CANCELLED */
export async function enableLingering(user: string, signal: AbortSignal): Promise<void> {
  const run = { timeoutMs: LOGINCTL_TIMEOUT_MS, maxOutputBytes: 10_000, signal };
  const { exitCode, stderr } = await runProgram({ argv: ["loginctl", "--no-ask-password", "enable-linger", "--", user], ...run });
  if (exitCode === 0) return;
  throw new MosaicError(
    "MACHINE",
    `cannot enable lingering for "${user}": ${stderr.trim() || `loginctl ended with ${exitCode}`}`,
    {
      hint: `sudo loginctl enable-linger ${user}`,
    },
  );
}

/** logind answers at once; this is for a system bus that is stuck. */
const LOGINCTL_TIMEOUT_MS = 10_000;

async function look(path: string): Promise<"there" | "absent" | "closed"> {
  try {
    await access(path);
    return "there";
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === "ENOENT" || code === "ENOTDIR" ? "absent" : "closed";
  }
}
