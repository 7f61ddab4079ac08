import type { TextView } from "../command.ts";
import type { CheckItem } from "../fleet/check-answer.ts";
import type { RosterFilePlan } from "../fleet/plan-roster-file.ts";
import { plainText } from "./plain-text.ts";

/** What `fleet init --json` prints. The names of its fields are a contract; see init.test.ts. */
export interface InitAnswer {
  readonly schema: "mosaic.fleet.init/1";
  readonly complete: true;
  readonly profile: string;
  /** The roster's file. */
  readonly path: string;
  /** What was done to it, or would be. */
  readonly action: RosterFilePlan["kind"] | "print";
  readonly written: boolean;
  readonly dry_run: boolean;
  /** Where the old file is, or would be. Null: there is none. */
  readonly backup: string | null;
  /** The roster. */
  readonly text: string;
  /** As in mosaic.fleet.check/1. Null: nothing was checked. */
  readonly check: readonly CheckItem[] | null;
}

/** The roster itself, or what was done with it.
 *  @param next what to type when it was written */
export function initText(answer: InitAnswer, next: string, { style }: TextView): string {
  if (answer.action === "print") return answer.text;
  const path = style("strong", plainText(answer.path));
  if (answer.action === "nothing") return `${path} holds that very roster already.\n`;
  const lines = [
    `${answer.dry_run ? "would write" : "wrote"} ${path} (${answer.profile})`,
    ...(answer.backup === null ? [] : [`${answer.dry_run ? "would keep" : "kept"} the old one as ${plainText(answer.backup)}`]),
    answer.dry_run ? "nothing was changed; next: the same without --dry-run" : `next: ${next}`,
  ];
  return `${lines.join("\n")}\n`;
}
