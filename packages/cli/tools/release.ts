/** Makes everything of a release and publishes nothing (`npm run release -- --dry-run`): `[--out <folder>] [--version <version>]
 *  [--write-baseline]`. Prints what a real release would publish, and what is different from the golden baseline: fails where something
 *  is gone or larger than it may be. Default: the version of package.json, below `.cache/release`. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type PackedRelease, packRelease } from "./pack-release.ts";
import { baselineReport, compareRelease, describeRelease, writeReleaseBaseline } from "./release-baseline.ts";
import { rehearsalText, writeReleaseFiles } from "./release-files.ts";
import { RELEASE_NAME } from "./release-manifest.ts";
import { makeSingleFile, singleFileName } from "./single-file.ts";

const root = join(import.meta.dirname, "../../..");
const { values } = parseArgs({
  options: {
    "dry-run": { type: "boolean", default: false },
    out: { type: "string", default: join(root, ".cache/release") },
    version: { type: "string" },
    "write-baseline": { type: "boolean", default: false },
  },
});

if (values["dry-run"])
  await rehearse(values.out, values.version ?? JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version);
else refuse();

async function rehearse(out: string, version: string): Promise<void> {
  const folder = join(resolve(out), `${RELEASE_NAME}-${version}`);
  // Made anew each time: SHA256SUMS is over all that lies there.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const stage = mkdtempSync(join(tmpdir(), "mosaic-release-"));
  try {
    const packed = await packRelease({ root, outputDir: folder, version });
    // What is in the package is what goes into the single file.
    execFileSync("tar", ["-xzf", packed.tarball, "--strip-components=1", "-C", stage]);
    const single = await makeSingleFile({ root, version, stage, path: join(folder, singleFileName(version)) });
    const options = { root, version, folder, packed };
    process.stdout.write(rehearsalText(options, writeReleaseFiles(options)));
    judge(stage, packed, single.bytes);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

function judge(stage: string, { files, packedBytes }: PackedRelease, singleFileBytes: number): void {
  const now = describeRelease({ stage, files, packedBytes, singleFileBytes });
  if (values["write-baseline"]) writeReleaseBaseline(root, now);
  const lines = compareRelease(root, now);
  process.stdout.write(`\n${baselineReport(lines)}`);
  if (lines.some(({ fails }) => fails)) process.exitCode = 1;
}

// Who may publish, and from where, is nobody's decision yet.
function refuse(): void {
  process.stderr.write("mosaic: cannot publish: only the rehearsal is made here\nhint: npm run release -- --dry-run\n");
  process.exitCode = 2;
}
