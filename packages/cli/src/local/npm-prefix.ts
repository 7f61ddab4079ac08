import { readFile } from "node:fs/promises";

/** Where npm installs programs for this user, as `~/.npmrc` says; npm itself would take a second to ask. */
export async function npmPrefixOf(homeDirectory: string): Promise<string | undefined> {
  const text = await readFile(`${homeDirectory}/.npmrc`, "utf8").catch(() => "");
  return /^\s*prefix\s*=\s*"?([^"\n]+?)"?\s*$/m.exec(text)?.[1]?.replace(/^(?:~|\$\{HOME\})(?=\/|$)/, homeDirectory);
}
