/** First lines of every page: who makes it. */
export function pageHead(title: string, source: string): string {
  return `<!-- Made by npm run generate from ${source}; changes here are lost. -->\n\n# ${title}\n`;
}

/** A table in Markdown; cells may hold anything but line breaks. No rows: no table. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(titles), `|${titles.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}

/** The link target that a heading gets: lower case, blanks as dashes, most punctuation gone. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, "")
    .replaceAll(" ", "-");
}

/** Paragraphs with an empty line between, ending in a line break; empty ones are left out. */
export function paragraphs(...parts: readonly string[]): string {
  return `${parts
    .map((part) => part.trimEnd())
    .filter((part) => part !== "")
    .join("\n\n")}\n`;
}

/** The lines from the first that differs to the last, as they are (`-`) and as they should be (`+`); at most 40. */
export function differingLines(found: string, wanted: string): string {
  const [before, after] = [found.split("\n"), wanted.split("\n")];
  let start = 0;
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) start += 1;
  let end = 0;
  const shortest = Math.min(before.length, after.length) - start;
  while (end < shortest && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const changes = [
    ...before.slice(start, before.length - end).map((line) => `-${line}`),
    ...after.slice(start, after.length - end).map((line) => `+${line}`),
  ];
  return `@@ line ${start + 1} @@\n${changes.slice(0, 40).join("\n")}\n`;
}
