import type { AuditVerdict } from "../commands/audit/verdict.ts";
import { plainText } from "./plain-text.ts";

/** Says in sentences what a look through an audit log showed, the problems first. */
export function verdictText(verdict: AuditVerdict): string {
  const { path, records, problems, problem_count, checkpoints, signed_through, head, limits, fragments } = verdict;
  const found = problems.map(({ kind, index, file, line, detail }) => `${kind} record ${index} (${file}:${line}): ${detail}`);
  const more = problem_count > problems.length ? [`and ${problem_count - problems.length} more`] : [];
  if (records === 0 && problem_count === 0) return `${plainText(path)}: no record.\n`;
  const count = `${records} ${records === 1 ? "record" : "records"}`;
  const result =
    problem_count === 0
      ? `${path}: ${count}, all as they were written.`
      : `${path}: ${count}, ${problem_count} ${problem_count === 1 ? "problem" : "problems"}.`;
  const signed = signed_through === null ? "" : `, signed through record ${signed_through}`;
  return [
    ...found,
    ...more,
    result,
    `It ends with ${head.index}:${head.hash}; ${checkpoints} ${checkpoints === 1 ? "checkpoint" : "checkpoints"}${signed}.`,
    ...(fragments > 0 ? [`${fragments} lines are half a record, as a power cut leaves one.`] : []),
    "It does not prove:",
    ...limits.map((limit) => `- ${limit}.`),
  ]
    .map((line) => `${plainText(line)}\n`)
    .join("");
}
