/** Ends this process with its exit code, also while the system looks up a name: `process.exit` waits for the thread that does, 10 s where no
 *  name server answers, and nobody is to wait that long for a prompt because the name of a trace collector can't be found. */
export function leaveProcess(): void {
  const isLookingUp = process.getActiveResourcesInfo().includes("GetAddrInfoReqWrap");
  // Another program in this one's place is the only end of a process that waits for no thread and keeps the exit code.
  if (isLookingUp && process.execve !== undefined)
    process.execve("/bin/sh", ["sh", "-c", 'exit "$1"', "sh", String(process.exitCode ?? 0)]);
  process.exit();
}
