/** The mosaic command, for programs that run it in their own process. */
export { runCli } from "./cli.ts";
export type { Io } from "./io/io.ts";
export { processIo } from "./io/process-io.ts";
