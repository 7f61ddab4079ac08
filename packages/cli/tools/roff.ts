/** What a man page is made of, in the man(7) macros that groff and mandoc both know. Each function returns whole lines. */

/** Text as roff has to be given it to print it as it is: pure ASCII, nothing in it is an instruction, and hyphens, quotes and
 *  carets are the ones that shells know, so that a line can be copied from the page. */
export function roffText(text: string): string {
  const escaped = [...text].map((character) => ESCAPES[character] ?? asAscii(character)).join("");
  // A line that begins with one of these would be a request; the zero-width character before it makes it text.
  return escaped.replace(/^(?=[.'])/gm, "\\&");
}

/** The first lines of a page: its name, section 1 and what made it. No date: the same sources make the same page. No word is
 *  broken and no line stretched, as names and paths are to be copied. */
export function roffTitle(name: string, source: string): string[] {
  return [`.TH ${quoted(name.toUpperCase())} 1 "" ${quoted(source)} ${quoted("Mosaic")}`, ".nh", ".ad l"];
}

/** A heading in capitals and what stands below it; nothing where there is nothing to stand there. */
export function roffSection(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`.SH ${quoted(title)}`, ...lines];
}

/** A smaller heading and what stands below it. */
export function roffSubsection(title: string, lines: readonly string[]): string[] {
  return [`.SS ${quoted(title)}`, ...lines];
}

/** Text in paragraphs; a blank line in it separates them. */
export function roffParagraphs(text: string): string[] {
  const paragraphs = text.split(/\n\s*\n/).map((paragraph) => paragraph.replaceAll(/\s+/g, " ").trim());
  return paragraphs.filter((paragraph) => paragraph !== "").flatMap((paragraph) => [".PP", roffText(paragraph)]);
}

/** Terms in bold, each with its meaning indented below it. */
export function roffTerms(entries: readonly (readonly [string, string])[]): string[] {
  return entries.flatMap(([term, meaning]) => [".TP", `.B ${quoted(term)}`, roffText(meaning)]);
}

/** Lines that are neither filled nor broken. */
export function roffLines(lines: readonly string[]): string[] {
  // An empty line is a gap here; a line of roff's own may not be empty.
  return [".nf", ...lines.map((line) => roffText(line) || "\\&"), ".fi"];
}

/** Lines to copy: a gap above them, and indented. */
export function roffExample(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [".PP", ".RS 4", ...roffLines(lines), ".RE"];
}

/** The names of other pages of section 1, as `man` prints them. */
export function roffReferences(names: readonly string[]): string[] {
  return names.map((name, index) => `.BR ${roffText(name)} (1)${index < names.length - 1 ? "," : ""}`);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
};

function asAscii(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x7f ? character : `\\[u${code.toString(16).toUpperCase().padStart(4, "0")}]`;
}

function quoted(text: string): string {
  return `"${roffText(text).replaceAll('"', "\\(dq")}"`;
}
