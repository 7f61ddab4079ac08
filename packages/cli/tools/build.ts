import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type BuildOptions, build as bundle, stop } from "esbuild";
import { BUNDLE_DIR, BUNDLES, markBuilt, sourceFingerprint } from "./build-stamp.ts";

/** Bundled CommonJS packages ask for Node's own modules with `require`, which an ES module doesn't have. The long name
 *  can't collide with one in the bundle. */
const requireBanner =
  'import { createRequire as createRequireForMosaicBundle } from "node:module"; const require = createRequireForMosaicBundle(import.meta.url);';

/** A running program may still import a chunk of the build that it was started from. */
const keepOldChunksMs = 24 * 60 * 60 * 1000;

/** How bundles are made. Names are kept, so that stack traces can be read. The source maps hold no sources and cost nothing
 *  until Node is started with --enable-source-maps. */
const bundleOptions = {
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  outExtension: { ".js": ".mjs" },
  chunkNames: "chunks/[name]-[hash]",
  minifySyntax: true,
  minifyWhitespace: true,
  minifyIdentifiers: false,
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "external",
  banner: { js: requireBanner },
  metafile: true,
  logLevel: "warning",
} as const satisfies BuildOptions;

/** Bundles the three programs of the clone at `root`. Not safe for two at once: the caller holds a lock.
 *  @param bundles name of each bundle, and its source relative to `root`
 *  @throws Error naming the entry that isn't there; or when a source can't be built, after esbuild printed why. */
export async function build(root: string, bundles = BUNDLES): Promise<{ durationMs: number; outputDir: string }> {
  const startedAtMs = performance.now();
  for (const path of Object.values(bundles)) {
    if (!existsSync(join(root, path))) throw new Error(`cannot build: ${path} is not there`);
  }
  const outputDir = join(root, BUNDLE_DIR);
  mkdirSync(outputDir, { recursive: true });
  const fingerprint = sourceFingerprint(root);
  const temporaryDir = mkdtempSync(join(outputDir, ".building-"));
  try {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const define = { __MOSAIC_VERSION__: JSON.stringify(version) };
    const options = { ...bundleOptions, absWorkingDir: root, entryPoints: { ...bundles }, outdir: temporaryDir, define };
    await bundle(options).catch((cause) => {
      throw new Error("cannot build: esbuild refused the sources for the reasons above", { cause });
    });
    moveIntoPlace(temporaryDir, outputDir);
  } finally {
    rmSync(temporaryDir, { recursive: true, force: true });
    await stop(); // esbuild's own process would else stay for as long as the job that follows in this one.
  }
  markBuilt(root, fingerprint);
  return { durationMs: performance.now() - startedAtMs, outputDir };
}

/** Moves files one by one, chunks first: their names hold their content's hash, so each entry, old or new, finds its own
 *  chunks at every moment. */
function moveIntoPlace(from: string, to: string): void {
  const files = filesBelow(from).sort((a, b) => Number(isChunk(b)) - Number(isChunk(a)));
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    renameSync(join(from, file), join(to, file));
  }
  for (const file of existsSync(join(to, "chunks")) ? filesBelow(join(to, "chunks")) : []) {
    const path = join(to, "chunks", file);
    if (!files.includes(`chunks/${file}`) && Date.now() - statSync(path).mtimeMs > keepOldChunksMs) rmSync(path);
  }
}

function isChunk(path: string): boolean {
  return path.startsWith("chunks/");
}

function filesBelow(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  return names.filter((name) => statSync(join(directory, name)).isFile());
}
