import { ERROR_CODES, EXIT_CODES } from "@mosaic/core";
import { anchorOf, markdownTable, pageHead, paragraphs } from "./page-tools.ts";

/** The page of errors and exit codes, from the tables in core.
 *  @param runbook its text; every error has a heading there, with what to do
 *  @throws Error naming the errors that have none */
export function errorReference(runbook: string): string {
  const headings = headingsOf(runbook);
  const missing = Object.keys(ERROR_CODES).filter((name) => !headings.has(name));
  if (missing.length > 0) throw new Error(`docs/runbook.md has no heading below "# Error codes" for ${missing.join(", ")}`);
  const rows = Object.entries(ERROR_CODES).map(([name, { exit, rpc, meaning }]) => [
    `[\`${name}\`](../runbook.md#${anchorOf(headings.get(name) ?? "")})`,
    String(exit),
    `\`${rpc}\``,
    meaning,
  ]);
  return paragraphs(
    pageHead("Errors and exit codes", "packages/core/src/errors.ts"),
    "Every error that Mosaic raises on purpose has one of these names. Over the wire it rides in the `ErrorInfo` detail of the status; on the command line `--json` prints it as `code`. Each links to what to do about it.",
    markdownTable(["error", "exit code", "gRPC status", "meaning"], rows),
    "## Exit codes",
    markdownTable(
      ["code", "name"],
      Object.entries(EXIT_CODES).map(([name, exit]) => [String(exit), wordsOf(name)]),
    ),
  );
}

/** Headings below `# Error codes` by the name that each begins with. */
function headingsOf(runbook: string): Map<string, string> {
  const text = `\n${runbook}`;
  const errors = text.slice(text.indexOf("\n# Error codes"));
  return new Map([...errors.matchAll(/^## (([A-Z_]+).*)$/gm)].map(([, heading = "", name = ""]) => [name, heading]));
}

function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
