import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Makes a folder a repository in which something was changed, as people work in one. */
export async function makeRepository(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  const git = (...args: string[]) =>
    spawnSync("git", ["-c", "user.name=ada", "-c", "user.email=ada@example.org", ...args], { cwd: folder, env });
  await writeFile(join(folder, "plan.txt"), "one\n");
  git("init", "--quiet");
  git("add", "plan.txt");
  git("commit", "--quiet", "-m", "plan");
  await writeFile(join(folder, "plan.txt"), "two\n");
}
