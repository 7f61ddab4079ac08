import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type OutputOptions, type Plugin, rolldown } from "rolldown";
import { BUNDLE_DIR, BUNDLES, markBuilt, sourceFingerprint } from "./build-stamp.ts";

/** A running program may still import a chunk of the build that it was started from. */
const keepOldChunksMs = 24 * 60 * 60 * 1000;

/** How bundles are made. Names are kept, so that stack traces can be read. The source maps hold no sources and cost nothing
 *  until Node is started with --enable-source-maps. */
const outputOptions = {
  format: "esm",
  entryFileNames: "[name].mjs",
  chunkFileNames: "chunks/[name]-[hash].mjs",
  minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } },
  sourcemap: true,
  sourcemapExcludeSources: true,
} as const satisfies OutputOptions;

/** What the command people type most needs, besides what it starts with. It is put into one file with it: Node takes most of
 *  a millisecond for each file it loads. */
const HOT_FILES = ["start-cli.ts", "commands/fleet/ps.ts", "commands/host/list.ts"].map((path) => `packages/cli/src/${path}`);

/** Apart from them, as `mosaic --version` needs nothing else. */
const VERSION_FILE = "packages/cli/src/version.ts";

/** Bundles the three programs of the clone at `root`. Not safe for two at once: the caller holds a lock.
 *  @param bundles name of each bundle, and its source relative to `root`
 *  @throws Error naming the entry that isn't there; or when a source can't be built, the bundler's reasons are the cause. */
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
    await bundle({ root, bundles, version, outputDir: temporaryDir, hasMaps: true });
    moveIntoPlace(temporaryDir, outputDir);
  } finally {
    rmSync(temporaryDir, { recursive: true, force: true });
  }
  markBuilt(root, fingerprint);
  return { durationMs: performance.now() - startedAtMs, outputDir };
}

export interface BundleOptions {
  readonly root: string;
  /** Name of each bundle, and its source relative to `root`. */
  readonly bundles: Readonly<Record<string, string>>;
  /** What the bundles say when asked for theirs. */
  readonly version: string;
  readonly outputDir: string;
  readonly hasMaps: boolean;
}

/** Writes the bundles of some programs into a folder.
 *  @returns full paths of the files that went into them, ours and other people's
 *  @throws Error with the bundler's reasons as its cause */
export async function bundle(options: BundleOptions): Promise<readonly string[]> {
  return writeBundles(options).catch((cause) => {
    throw new Error("cannot build: the bundler refused the sources", { cause });
  });
}

async function writeBundles({ root, bundles, version, outputDir, hasMaps }: BundleOptions): Promise<readonly string[]> {
  const hotFiles = collectHotFiles([bundles["mosaic"] ?? "", ...HOT_FILES].map((path) => join(root, path)));
  await using sources = await rolldown({
    cwd: root,
    input: { ...bundles },
    platform: "node",
    transform: { define: { __MOSAIC_VERSION__: JSON.stringify(version) } },
    // Chunks may export more than their entry does; nobody imports an entry.
    preserveEntrySignatures: "allow-extension",
    plugins: [hotFiles.plugin, lightImports],
  });
  const versionFile = join(root, VERSION_FILE);
  const groups = [
    { name: "version", test: (id: string) => id === versionFile },
    { name: "hot", test: (id: string) => hotFiles.has(id) },
  ];
  const codeSplitting = { includeDependenciesRecursively: false, groups };
  const { output } = await sources.write({ ...outputOptions, sourcemap: hasMaps, dir: outputDir, codeSplitting });
  return output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
}

/** Finds the files that some roots load without being asked to: themselves, and what they import statically. */
function collectHotFiles(roots: readonly string[]): { plugin: Plugin; has: (id: string) => boolean } {
  const hot = new Set<string>();
  const plugin: Plugin = {
    name: "hot-files",
    buildEnd() {
      const visit = (id: string): void => {
        const imported = hot.has(id) ? undefined : this.getModuleInfo(id)?.importedIds;
        if (imported === undefined) return;
        hot.add(id);
        for (const next of imported) visit(next);
      };
      for (const root of roots) visit(root);
    },
  };
  // The entry itself stays apart: it awaits the command that it runs, and a command's chunk must not wait for it in turn.
  return { plugin, has: (id) => hot.has(id) && id !== roots[0] };
}

/** Takes what the hot chunk wants of Node from where Node has it. An `import` reads all that a module of Node's offers, and so loads
 *  what nobody asked for: of `node:util`, `node:os` and `node:fs` each that is a sixth of the start of a bare Node. */
const lightImports: Plugin = {
  name: "light-imports",
  renderChunk(code, chunk) {
    if (chunk.name !== "hot") return null;
    const imports = /\bimport\s*\{([^{}]*)\}\s*from\s*(["']node:[\w/]+["']);?/g;
    const light = code.replace(imports, (_, names: string, from: string) => {
      return `const {${names.replaceAll(" as ", ": ")}} = process.getBuiltinModule(${from});`;
    });
    return { code: light, map: null };
  },
};

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
