import { runCli } from "./cli.ts";
import { processIo } from "./io/process-io.ts";
import { leaveProcess } from "./leave-process.ts";

/** Runs the command line of this process in the world that it has, and sets its exit code. */
export async function startCli(): Promise<void> {
  process.exitCode = await runCli(process.argv.slice(2), processIo());
  // Nothing is left to do, but a trace collector that is down can keep its connection, and so the prompt, for many seconds.
  setTimeout(leaveProcess, 500).unref();
}
