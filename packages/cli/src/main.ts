/** Entry point of the mosaic command. */
import { runCli } from "./cli.ts";
import { processIo } from "./io/process-io.ts";

process.exitCode = await runCli(process.argv.slice(2), processIo());
// Nothing is left to do, but a trace collector that is down can keep its connection, and so the prompt, for many seconds.
setTimeout(() => process.exit(), 500).unref();
