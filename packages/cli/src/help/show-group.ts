import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import type { Command } from "../command.ts";
import type { Io } from "../io/io.ts";
import { startsWith } from "../parse/find-command.ts";
import { VERSION } from "../version.ts";
import { groupHelp } from "./help-text.ts";
import { helpColumns } from "./show-command.ts";

/** Answers a command line that names a group, or nothing: with the manual, or the version, or the remark that a verb is
 *  missing.
 *  @throws MosaicError USAGE */
export function showGroup(
  found: { path: readonly string[]; rest: readonly string[] },
  commands: readonly Command[],
  io: Io,
): number {
  const { path, rest } = found;
  if (path.length === 0 && (rest.includes("--version") || rest.includes("-V"))) {
    const isJson = rest.includes("--json");
    io.stdout.write(
      isJson
        ? `${JSON.stringify({ schema: "mosaic.version/1", complete: true, version: VERSION, servers: [] })}\n`
        : `mosaic ${VERSION}\n`,
    );
    return EXIT_CODES.ok;
  }
  const within = commands.filter((command) => startsWith(command.path, path));
  const isAsked =
    path.length === 0 ? rest.every((word) => word === "--help" || word === "-h") : rest.includes("--help") || rest.includes("-h");
  if (!isAsked) throw missingWord(path, rest, within);
  io.stdout.write(groupHelp(path, within, helpColumns(io)));
  return EXIT_CODES.ok;
}

function missingWord(path: readonly string[], rest: readonly string[], within: readonly Command[]): MosaicError {
  const next = [...new Set(within.map((command) => command.path[path.length] ?? ""))];
  const name = ["mosaic", ...path].join(" ");
  const unknown = rest.find((word) => word.startsWith("-"));
  const message =
    path.length === 0 && unknown
      ? `unknown flag ${unknown}, or no command`
      : `${name} needs ${path.length === 0 ? "a command" : "a verb"}: ${next.join(", ")}`;
  return new MosaicError("USAGE", message, { hint: `see ${name} --help` });
}
