/** Makes the npm package that people install (`npm run pack`): `[--out <folder>] [--version <version>]`. Prints the path of
 *  its tarball. Default: the version of package.json, into `.cache/packages`. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { packRelease } from "./pack-release.ts";

const root = join(import.meta.dirname, "../../..");
const { values } = parseArgs({
  options: { out: { type: "string", default: join(root, ".cache/packages") }, version: { type: "string" } },
});
const outputDir = resolve(values.out);
mkdirSync(outputDir, { recursive: true });
const { tarball, files, packedBytes } = await packRelease({ root, outputDir, version: values.version });
process.stderr.write(`mosaic: packed ${files.length} files into ${Math.ceil(packedBytes / 1024)} KiB\n`);
process.stdout.write(`${tarball}\n`);
