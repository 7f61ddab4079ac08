/** Writes docs/reference from what it describes: the command table, the tables of errors and exit codes, and the comments of
 *  the contract. With `--check` nothing is written, and a page that is not as it should be is shown and is exit 1. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cliReference } from "./reference/cli-reference.ts";
import { errorReference } from "./reference/error-reference.ts";
import { differingLines } from "./reference/page-tools.ts";
import { protoReference } from "./reference/proto-reference.ts";
import { root } from "./run-tool.ts";

const folder = join(root, "docs/reference");
const pages: Readonly<Record<string, string>> = {
  "cli.md": cliReference(),
  "errors.md": errorReference(readFileSync(join(root, "docs/runbook.md"), "utf8")),
  "proto.md": await protoReference(),
};
const isCheck = process.argv.includes("--check");

mkdirSync(folder, { recursive: true });
for (const [name, wanted] of Object.entries(pages)) {
  const path = join(folder, name);
  if (!isCheck) {
    writeFileSync(path, wanted);
    continue;
  }
  const found = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (found === wanted) continue;
  process.stdout.write(
    `docs/reference/${name} is not what it is made from says; type: npm run generate\n${differingLines(found, wanted)}`,
  );
  process.exitCode = 1;
}
process.stdout.write(`${isCheck ? "Checked" : "Wrote"} ${Object.keys(pages).length} files\n`);
