/** Makes the command by which a runtime calls the hook of `framework/runtimes/hook`. Both runtimes take a line for a shell and
 *  nothing else, so that the path is quoted; in that shell's own place, so that the hook sees when the runtime ends. */
export function hookCommand(frameworkDirectory: string, runtime: "claude" | "codex", event: string): string {
  const quoted = `'${`${frameworkDirectory}/runtimes/hook`.replaceAll("'", "'\\''")}'`;
  return `exec /bin/sh ${quoted} ${event} ${runtime}`;
}

/** How long a hook may wait for an answer to a request for leave, in seconds; the hook itself gives up before. */
export const LEAVE_TIMEOUT_S = 90_000;
