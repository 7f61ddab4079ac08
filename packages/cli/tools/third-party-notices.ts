import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const HEADING = `# Third-party notices

The programs in \`dist/\` contain code of the packages below, each under its own licence.
`;

/** Writes down whose code is in the bundles, with the licence texts that their packages bring.
 *  @param bundledFiles full paths of all that was bundled
 *  @throws Error for a package that names no licence: it must not be shipped */
export function thirdPartyNotices(bundledFiles: readonly string[]): string {
  return [HEADING, ...packageFolders(bundledFiles).map(noticeOf).sort()].join("\n");
}

/** Names the folders of other people's packages that bundled files come from, each once, sorted. */
export function packageFolders(bundledFiles: readonly string[]): string[] {
  return [...new Set(bundledFiles.flatMap((path) => packageFolderOf(path) ?? []))].sort();
}

// The last node_modules on the way: a package may bring another in its own.
function packageFolderOf(path: string): string | undefined {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (typeof license !== "string") throw new Error(`cannot ship ${name} ${version}: its package.json names no licence`);
  const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const quoted = texts.sort().map((file) => `\n\`\`\`\`text\n${readFileSync(join(folder, file), "utf8").trim()}\n\`\`\`\`\n`);
  return `## ${name} ${version}\n\nLicence: ${license}\n${quoted.join("")}`;
}
