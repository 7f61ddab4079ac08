import { EXIT_CODES } from "@mosaic/core/light";
import type { CommandResult, Invocation, TextView } from "../../command.ts";
import { type ReleaseLogAnswer, readVerifications } from "../../local/read-verifications.ts";
import { plainText } from "../../output/plain-text.ts";
import { verificationLogPath } from "../../release/verification-log.ts";

/** Prints what was verified on this host, oldest first, and whether the record is as it was written. */
export async function run({ globals }: Invocation): Promise<CommandResult> {
  const answer = await readVerifications(verificationLogPath(globals.mosaicHome));
  return {
    exitCode: answer.problems.length === 0 ? EXIT_CODES.ok : EXIT_CODES.failed,
    envelope: answer,
    text: (view) => logText(answer, view),
  };
}

function logText({ path, items, problems, fragment_count, head }: ReleaseLogAnswer, { style }: TextView): string {
  if (items.length === 0 && problems.length === 0) return `${plainText(path)}: nothing was verified here yet.\n`;
  const records = items.map(({ at, action, actor, facts }) => {
    const { verdict = "", ...rest } = facts;
    const tone = verdict === "FAIL" ? "bad" : "good";
    const told = Object.entries(rest).filter(([, value]) => value !== "");
    const words = told.map(([name, value]) => `${name}=${name.endsWith("sha256") ? String(value).slice(0, 12) : String(value)}`);
    const said = verdict === "" ? "" : `${style(tone, plainText(String(verdict)))}  `;
    return `${plainText(`${at}  ${action}`)}  ${said}${plainText(`${actor}  ${words.join(" ")}`)}`;
  });
  const broken = problems.map(({ kind, line, detail }) => style("bad", plainText(`${kind} (line ${line}): ${detail}`)));
  const torn = fragment_count === 0 ? "" : ` ${fragment_count} lines are half a record, as a crash leaves one.`;
  const sum = problems.length === 0 ? "all as they were written" : `${problems.length} problems`;
  const end = `${path}: ${items.length} records, ${sum}.${torn} It ends with ${head.index}:${head.hash}`;
  return `${[...records, ...broken, plainText(end)].join("\n")}\n`;
}
