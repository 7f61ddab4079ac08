import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ContainerRuntimeClient, getContainerRuntimeClient } from "testcontainers";
import { isOnPath } from "./container-engine.ts";

const root = join(import.meta.dirname, "../..");

/** The image that is made where MOSAIC_TEST_BASE_IMAGE is not set. */
export const IMPORTED_IMAGE = "mosaic-test-base:local";

/** What a host's image needs of its base besides Node. */
const PACKAGES = ["tmux", "tini", "libstdc++6"];

/** Finds an image to build a host on without a registry of images: the one MOSAIC_TEST_BASE_IMAGE names, else a root file system
 *  of this machine's Debian that debootstrap makes once (30 s) and `.cache/container-base` keeps.
 *  @returns undefined when there is neither */
export async function containerBase(): Promise<string | undefined> {
  const named = process.env["MOSAIC_TEST_BASE_IMAGE"];
  if (named) return named;
  if (process.getuid?.() !== 0 || !isOnPath("debootstrap")) return undefined;
  await importImage(await getContainerRuntimeClient(), rootFileSystem());
  return IMPORTED_IMAGE;
}

/** The path of the root file system's tarball, made unless it is there. */
function rootFileSystem(): string {
  const suite = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "stable";
  const folder = join(root, ".cache/container-base");
  const tarball = join(folder, `${suite}-node${process.versions.node}.tar`);
  if (existsSync(tarball)) return tarball;
  mkdirSync(folder, { recursive: true });
  const tree = mkdtempSync(join(tmpdir(), "mosaic-base-"));
  try {
    run("debootstrap", ["--variant=minbase", `--include=${PACKAGES.join(",")}`, suite, tree]);
    copyFileSync(process.execPath, join(tree, "usr/local/bin/node"));
    const leaveOut = ["./dev/*", "./var/cache/apt/*", "./var/lib/apt/lists/*"].map((path) => `--exclude=${path}`);
    run("tar", ["--create", "--numeric-owner", ...leaveOut, "--file", `${tarball}.new`, "--directory", tree, "."]);
    renameSync(`${tarball}.new`, tarball);
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
  return tarball;
}

function run(program: string, args: string[]): void {
  execFileSync(program, args, { stdio: ["ignore", "ignore", "inherit"], timeout: 300_000 });
}

async function importImage({ container }: ContainerRuntimeClient, tarball: string): Promise<void> {
  const [repo, tag] = IMPORTED_IMAGE.split(":");
  const progress = await container.dockerode.importImage(tarball, { repo, tag });
  progress.resume();
  await new Promise((resolve, reject) => progress.once("end", resolve).once("error", reject));
}
