import { EXIT_CODES } from "@mosaic/core/light";
import type { CommandResult, TextView } from "../command.ts";
import { plainText } from "../output/plain-text.ts";
import type { Tone } from "../output/style.ts";
import type { Change } from "./change-version.ts";
import { type Snapshot, snapshotText } from "./snapshot.ts";
import { type Target, targetText } from "./target.ts";

/** What `upgrade --json` and `rollback --json` print. The names of its fields are a contract; see upgrade-answer.test.ts. */
export interface UpgradeAnswer {
  readonly schema: "mosaic.upgrade/1" | "mosaic.rollback/1";
  readonly complete: true;
  /** `kept`: the new version is used. `undone`: the old one is again. `worse`: what is used is worse than it was. `nothing`: there was
   *  nothing to do. `planned`: --dry-run. */
  readonly verdict: Change["verdict"] | "nothing" | "planned";
  readonly from: string;
  readonly to: string;
  /** The version that is used now. */
  readonly current: string;
  /** Of the package, in hex; empty: not known. */
  readonly sha256: string;
  /** Who said that it is right: `SHA256SUMS`, `npm` or `nobody`. */
  readonly verified: string;
  readonly worse: readonly string[];
  readonly still_worse: readonly string[];
  /** How it stood; empty: nobody looked. */
  readonly found_before: string;
  readonly found_after: string;
  readonly found_undone: string;
  readonly daemons: readonly { readonly role: string; readonly outcome: string; readonly detail: string }[];
  /** Files of units, scripts and agents that were written anew. */
  readonly files: readonly string[];
  /** Agents with another process than before, which is not the switch's doing. */
  readonly started_anew: readonly string[];
  /** Old versions that were taken away. */
  readonly removed: readonly string[];
  /** What was not done and what to type. */
  readonly problems: readonly string[];
}

/** What is told besides what the change itself came to. */
export interface AnswerFrame {
  readonly verb: "upgrade" | "rollback";
  readonly verdict: UpgradeAnswer["verdict"];
  readonly from: Target | undefined;
  readonly to: Target;
  readonly current: string;
  readonly sha256?: string;
  readonly verified?: string;
  readonly change?: Change | undefined;
  readonly files?: readonly string[];
  readonly removed?: readonly string[];
  readonly problems?: readonly string[];
  /** For stderr. */
  readonly notes?: readonly string[];
}

/** Says what an upgrade or a rollback came to. Exit 1: what was wanted is not what is used, or what is used is worse than before. */
export function upgradeAnswer(frame: AnswerFrame): CommandResult {
  const answer = toAnswer(frame);
  const isUndoWanted = frame.verb === "rollback" && answer.verdict === "undone";
  const isBad = (answer.verdict === "undone" && !isUndoWanted) || answer.verdict === "worse";
  return {
    exitCode: isBad ? EXIT_CODES.failed : EXIT_CODES.ok,
    envelope: answer,
    text: (view) => answerText(answer, frame, view),
    notes: [...(frame.notes ?? [])],
  };
}

function toAnswer(frame: AnswerFrame): UpgradeAnswer {
  const { verb, verdict, from, to, current, change, sha256 = "", verified = "nobody", removed = [], problems = [] } = frame;
  const found = (snapshot: Snapshot | null | undefined) => (snapshot ? snapshotText(snapshot) : "");
  return {
    schema: `mosaic.${verb}/1`,
    complete: true,
    ...{ verdict, from: from ? targetText(from) : "", to: targetText(to), current, sha256, verified },
    ...{ worse: change?.worse ?? [], still_worse: change?.stillWorse ?? [] },
    ...{ found_before: found(change?.before), found_after: found(change?.after), found_undone: found(change?.undone) },
    daemons: change?.daemons ?? [],
    files: frame.files ?? change?.units.changed ?? [],
    started_anew: change?.startedAnew ?? [],
    removed,
    problems: [...problems, ...(change?.units.problems ?? [])],
  };
}

function answerText(answer: UpgradeAnswer, { verb }: AnswerFrame, view: TextView): string {
  const { style } = view;
  const { verdict, worse, still_worse, files, started_anew, removed, problems, daemons } = answer;
  const alone = daemons.filter(({ outcome }) => outcome === "left alone");
  const lines = [
    ...(answer.found_before === "" ? [] : [`before    ${answer.found_before}`]),
    ...(answer.found_after === "" || verdict === "undone" ? [] : [`after     ${answer.found_after}`]),
    ...worse.map((line) => `worse     ${line}`),
    ...(answer.found_undone === "" ? [] : [`now       ${answer.found_undone}`]),
    ...still_worse.map((line) => `worse     ${line}`),
    ...files.map((path) => `${verdict === "planned" ? "would write" : "written  "} ${path}`),
    ...alone.map(({ role, detail }) => `left      mosaic-${role} runs on as it was (${detail}): start it anew by hand`),
    ...(started_anew.length === 0 ? [] : [`agents with another process than before: ${started_anew.join(", ")}`]),
    ...problems.map((line) => `not done  ${line}`),
    ...(removed.length === 0 ? [] : [`removed   ${removed.join(", ")}`]),
  ].map(plainText);
  const [tone, word, rest] = lastWords(answer, verb);
  return `${[...lines, `${style(tone, word)}${plainText(rest)}`].join("\n")}\n`;
}

function lastWords({ verdict, from, to, current }: UpgradeAnswer, verb: AnswerFrame["verb"]): readonly [Tone, string, string] {
  switch (verdict) {
    case "kept":
      if (verb === "rollback") return ["good", "Back", ` at ${to}, from ${from}.`];
      return ["good", "Upgraded", ` from ${from} to ${to}. Back again: mosaic rollback`];
    case "undone":
      return ["attention", "Undone", `: ${current} is used as before${verb === "upgrade" ? `, and not ${to}` : ""}.`];
    case "worse":
      return ["bad", "Worse", `: ${current} is used, and this host does not stand as before. Next: mosaic doctor`];
    case "nothing":
      return ["good", "Nothing", ` to do: ${current} is used already.`];
    case "planned":
      return ["strong", "Planned", `: from ${from} to ${to}. Nothing was done: --dry-run.`];
    default:
      return verdict satisfies never;
  }
}
