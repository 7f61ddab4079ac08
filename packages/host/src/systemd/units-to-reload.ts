import { MosaicError } from "@mosaic/core";
import { runProgram } from "../exec.ts";

/** Names the units whose files changed since the user's systemd read them (NeedDaemonReload).
 *  @param pattern as `systemctl` takes it, for example `mosaic-*`
 *  @throws MosaicError MACHINE when there is no `systemctl` or no manager answers it; DEADLINE, CANCELLED */
export async function unitsToReload(pattern: string, signal: AbortSignal): Promise<readonly string[]> {
  const argv = ["systemctl", "--user", "show", "--property=Id,NeedDaemonReload", "--", pattern] as const;
  const { exitCode, stdout, stderr } = await runProgram({ argv, timeoutMs: 10_000, maxOutputBytes: 1_000_000, signal });
  if (exitCode !== 0) throw new MosaicError("MACHINE", `systemctl --user show: ${stderr.trim() || `ended with ${exitCode}`}`);
  return parseUnitsToReload(stdout);
}

/** Reads the blocks of `systemctl show`, one for each unit with a blank line between. */
export function parseUnitsToReload(text: string): readonly string[] {
  return text.split(/\n\n+/).flatMap((block) => {
    const name = /^Id=(.+)$/m.exec(block)?.[1];
    return name !== undefined && /^NeedDaemonReload=yes$/m.test(block) ? [name] : [];
  });
}
