import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { COMMANDS } from "../src/command-table/command-table.ts";
import { type Baseline, baselineText, parseBaseline, renewedBaseline } from "../src/release/baseline.ts";
import { compare, type GateLine } from "../src/release/compare.ts";
import { contractOf } from "../src/release/contract-evidence.ts";

/** Where the golden baseline of our own releases is kept, relative to the clone. */
export const RELEASE_BASELINE = "test/packages/golden/release.json";

/** How much larger a release may become before somebody has to say that it is meant. */
const SIZE_TOLERANCE = 0.1;

export interface ReleaseArtefact {
  /** The unpacked package. */
  readonly stage: string;
  /** Paths within it. */
  readonly files: readonly string[];
  readonly packedBytes: number;
  readonly singleFileBytes: number;
}

/** Describes a release as its golden baseline does: what it promises, what lies in it, and how large it is, in KiB. Chunks are counted
 *  and not named: their names follow the sources. */
export function describeRelease({ stage, files, packedBytes, singleFileBytes }: ReleaseArtefact): Baseline {
  const bytesBelow = (start: string) =>
    files.filter((path) => path.startsWith(start)).reduce((sum, path) => sum + statSync(join(stage, path)).size, 0);
  const size = (bytes: number) => ({ rule: "at-most", tolerance: SIZE_TOLERANCE, value: Math.ceil(bytes / 1024) }) as const;
  return {
    ...contractOf(COMMANDS),
    "artefact.files": { rule: "keeps", value: files.filter((path) => !path.startsWith("dist/chunks/")) },
    "size.dist_kib": size(bytesBelow("dist/")),
    "size.framework_kib": size(bytesBelow("framework/")),
    "size.packed_kib": size(packedBytes),
    "size.single_file_kib": size(singleFileBytes),
    "size.unpacked_kib": size(bytesBelow("")),
  };
}

/** Compares a release with the golden baseline of the clone; without one everything is new.
 *  @throws MosaicError USAGE for a baseline that can't be used */
export function compareRelease(root: string, now: Baseline): readonly GateLine[] {
  const golden = readGolden(root) ?? {};
  return compare(golden, { checks: now, unknown: {}, none: {} }, [], () => "npm run release -- --dry-run --write-baseline");
}

/** Makes a release the golden baseline. Rules and tolerances that stand there stay. */
export function writeReleaseBaseline(root: string, now: Baseline): void {
  const path = join(root, RELEASE_BASELINE);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, baselineText(renewedBaseline(now, readGolden(root))));
}

/** Says what is different, line by line, and what to do about it when that keeps a release back. */
export function baselineReport(lines: readonly GateLine[]): string {
  const told = lines
    .filter(({ outcome }) => outcome !== "same")
    .map(({ check, outcome, detail }) => `  ${outcome}: ${check}: ${detail}\n`);
  const failing = lines.filter(({ fails }) => fails).length;
  const verdict = failing === 0 ? "PASS" : "FAIL";
  const next = failing === 0 ? "" : `If that is meant, renew it in the same change: ${lines.find(({ fails }) => fails)?.next}\n`;
  return `${verdict} against ${RELEASE_BASELINE}: ${lines.length} checks, ${failing} worse or missing\n${told.join("")}${next}`;
}

function readGolden(root: string): Baseline | undefined {
  const path = join(root, RELEASE_BASELINE);
  return existsSync(path) ? parseBaseline(readFileSync(path, "utf8"), RELEASE_BASELINE) : undefined;
}
