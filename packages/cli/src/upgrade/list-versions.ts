import { EXIT_CODES } from "@mosaic/core/light";
import type { CommandResult } from "../command.ts";
import { plainText } from "../output/plain-text.ts";
import { readInstalled } from "./installed-record.ts";
import { type Intent, intentText, isHalfDone } from "./intent.ts";
import { currentVersion, type Layout, linkedPrevious, versionNames } from "./layout.ts";
import { compareVersions } from "./package-source.ts";

/** What `upgrade --list --json` prints. */
interface VersionsAnswer {
  readonly schema: "mosaic.upgrade.list/1";
  readonly complete: true;
  readonly root: string;
  /** Empty: none. */
  readonly current: string;
  readonly previous: string;
  readonly items: readonly {
    readonly version: string;
    readonly sha256: string;
    readonly verified: string;
    readonly source: string;
    readonly installed_at: string;
  }[];
  /** What was begun and not ended; empty: nothing. */
  readonly half_done: string;
}

/** Shows the versions that are there, newest first, and what was left half done. */
export function listVersions(layout: Layout, intent: Intent | undefined, notes: readonly string[]): CommandResult {
  const items = [...versionNames(layout)]
    .sort((a, b) => compareVersions(b, a))
    .flatMap((version) => {
      const record = readInstalled(layout, version);
      if (!record) return [];
      const { sha256, verified, source, installed_at } = record;
      return [{ version, sha256, verified, source, installed_at }];
    });
  const [current, previous] = [currentVersion(layout) ?? "", linkedPrevious(layout) ?? ""];
  const half_done = intent ? intentText(intent) : "";
  const answer: VersionsAnswer = {
    schema: "mosaic.upgrade.list/1",
    complete: true,
    root: layout.root,
    current,
    previous,
    items,
    half_done,
  };
  const lines = items.map(({ version, verified, installed_at, source }) => {
    const mark = version === current ? "used" : version === previous ? "before" : "";
    return plainText(`${mark.padEnd(8)}${version.padEnd(14)} installed ${installed_at}  checked by ${verified}  from ${source}`);
  });
  const none = `no versions lie side by side in ${layout.root} yet: mosaic upgrade installs the first`;
  const text = `${(lines.length === 0 ? [plainText(none)] : lines).join("\n")}\n`;
  const told = isHalfDone(intent) ? [`half done: ${half_done}; ${wayOn(intent)}`] : [];
  return { exitCode: EXIT_CODES.ok, envelope: answer, text: () => text, notes: [...told, ...notes] };
}

/** What settles a change that was left half done. */
export function wayOn({ verb, to }: Intent): string {
  if (verb === "rollback") return "mosaic rollback goes on";
  return `mosaic upgrade ${to?.version ?? ""} goes on, mosaic rollback goes back`;
}
