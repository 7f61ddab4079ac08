import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";
import { archiveOf } from "./single-file-archive.ts";
import { withElfNote } from "./single-file-elf.ts";

/** What Node looks for in itself to learn that it is a single executable: the last character says whether. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:";

export interface SingleFileOptions {
  /** The clone. */
  readonly root: string;
  readonly version: string;
  /** The programs and files that it is to hold, as `stageRelease` laid them out; Node's licence is added to them. */
  readonly stage: string;
  /** Where it goes; replaced. */
  readonly path: string;
}

export interface SingleFile {
  readonly path: string;
  readonly bytes: number;
}

/** Names the single file of a version for this machine's architecture, for example `mosaic-1.2.3-linux-x64`. */
export function singleFileName(version: string): string {
  return `mosaic-${version}-${process.platform}-${process.arch}`;
}

/** Makes one executable file that holds Node and all three programs (docs/adr/0034).
 *  @throws Error when there is no Node 24 to put them into, or it can't be a single executable */
export async function makeSingleFile({ root, version, stage, path }: SingleFileOptions): Promise<SingleFile> {
  const node = nodeProgram(root);
  const work = mkdtempSync(join(tmpdir(), "mosaic-single-file-"));
  try {
    await bundleLoader(root, join(work, "loader.cjs"));
    addLicence(node, stage);
    const { index, content } = archiveOf(stage, version);
    writeFileSync(join(work, "index"), JSON.stringify(index));
    writeFileSync(join(work, "content"), content);
    const made = blow(withElfNote(readFileSync(node), "NODE_SEA_BLOB", makeBlob(node, work)), node);
    rmSync(path, { force: true });
    writeFileSync(path, made, { mode: 0o755 });
    chmodSync(path, 0o755);
    return { path, bytes: made.length };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The Node that npm installed for this architecture, else the one that runs this. */
function nodeProgram(root: string): string {
  const installed = join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  return existsSync(installed) ? installed : process.execPath;
}

// Node's own asks to go with it, and names those of what it contains.
function addLicence(node: string, stage: string): void {
  const licence = join(dirname(dirname(node)), "LICENSE");
  if (existsSync(licence)) writeFileSync(join(stage, "LICENSE-node"), readFileSync(licence));
}

async function bundleLoader(root: string, file: string): Promise<void> {
  await using sources = await rolldown({ input: join(root, "packages/cli/tools/single-file-loader.ts"), platform: "node" });
  await sources.write({ file, format: "cjs", minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } } });
}

// Its configuration names no path of this machine: one would go into the blob.
function makeBlob(node: string, work: string): Buffer {
  const assets = { index: "index", content: "content" };
  const config = { main: "loader.cjs", output: "blob", disableExperimentalSEAWarning: true, assets };
  writeFileSync(join(work, "sea.json"), JSON.stringify(config));
  execFileSync(node, ["--experimental-sea-config", "sea.json"], { cwd: work, stdio: ["ignore", "ignore", "pipe"] });
  return readFileSync(join(work, "blob"));
}

function blow(program: Buffer, node: string): Buffer {
  const at = program.indexOf(`${FUSE}0`);
  if (at === -1) throw new Error(`cannot make a single file of ${node}: this Node was built without that ability`);
  program[at + FUSE.length] = "1".charCodeAt(0);
  return program;
}
