/** Entry point of the mosaic command. */
import { VERSION } from "./version.ts";

if (process.argv.length === 3 && process.argv[2] === "--version") {
  sayVersion();
} else {
  const { startCli } = await import("./start-cli.ts");
  await startCli();
}

// Asked by scripts at every turn, and answered without the command table, whose reading takes as long as a bare Node's start.
function sayVersion(): void {
  try {
    process.getBuiltinModule("node:fs").writeSync(1, `mosaic ${VERSION}\n`);
  } catch (thrown) {
    // Who reads no more has what it wanted; a full disk has not.
    if ((thrown as NodeJS.ErrnoException).code !== "EPIPE") process.exitCode = 1;
  }
}
