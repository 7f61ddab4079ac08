/** Makes everything of a release and publishes nothing (`npm run release -- --dry-run`): `[--out <folder>] [--version <version>]`.
 *  Prints what a real release would publish. Default: the version of package.json, below `.cache/release`. */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { packRelease } from "./pack-release.ts";
import { rehearsalText, writeReleaseFiles } from "./release-files.ts";
import { RELEASE_NAME } from "./release-manifest.ts";

const root = join(import.meta.dirname, "../../..");
const { values } = parseArgs({
  options: {
    "dry-run": { type: "boolean", default: false },
    out: { type: "string", default: join(root, ".cache/release") },
    version: { type: "string" },
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
  const options = { root, version, folder, packed: await packRelease({ root, outputDir: folder, version }) };
  process.stdout.write(rehearsalText(options, writeReleaseFiles(options)));
}

// Who may publish, and from where, is nobody's decision yet.
function refuse(): void {
  process.stderr.write("mosaic: cannot publish: only the rehearsal is made here\nhint: npm run release -- --dry-run\n");
  process.exitCode = 2;
}
