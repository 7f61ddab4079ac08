/** The lab for people: `npm run lab -- <command>`. See docs/lab.md, or `npm run lab -- --help`. */
import { MosaicError } from "@mosaic/core";
import { commands } from "./lab-commands.ts";
import { type LabFlags, labHelp, parseLabFlags } from "./lab-flags.ts";
import { labObstacle } from "./lab-obstacle.ts";

async function main(argv: readonly string[]): Promise<number> {
  const flags = parseLabFlags(argv);
  if (flags.isHelp || flags.command === undefined) {
    (flags.isHelp ? process.stdout : process.stderr).write(labHelp);
    return flags.isHelp ? 0 : 2;
  }
  return await findCommand(flags.command)(flags);
}

function findCommand(name: string): (flags: LabFlags) => Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new MosaicError("USAGE", `no such lab command: ${name}`, { hint: "npm run lab -- --help" });
  const obstacle = labObstacle();
  if (obstacle === undefined) return command;
  const hint = obstacle.endsWith("root") ? `sudo env PATH="$PATH" npm run lab -- ${name}` : undefined;
  throw new MosaicError("NOT_ALLOWED", `cannot ${name}: ${obstacle}`, { hint });
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`lab: ${error.message}\n`);
  if (error instanceof MosaicError && error.hint !== undefined) process.stderr.write(`hint: ${error.hint}\n`);
  return error instanceof MosaicError && error.code === "USAGE" ? 2 : 1;
});
