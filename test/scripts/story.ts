/** One command of a story and what it is expected to do. */
export interface StoryStep {
  /** Line of the file, from 1. */
  readonly line: number;
  /** As written, after the `$`. */
  readonly command: string;
  readonly argv: readonly [string, ...string[]];
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly exitCode: number;
}

/** A story: commands in their order, as a reader types them. */
export interface Story {
  /** What it needs to run in. */
  readonly fleet: StoryFleet;
  readonly steps: readonly StoryStep[];
}

export type StoryFleet = { readonly kind: "none" } | { readonly kind: "demo"; readonly hosts: number; readonly agents: number };

/** Parses a story file. Its lines, by how they begin:
 *  - `@fleet hosts=3 agents=3` or `@none`, first: what the story needs
 *  - `# `: a comment, and the only place for prose
 *  - `$ `: a command; `"…"` and `'…'` keep blanks together, nothing else has a meaning, for there is no shell
 *  - `! `: a line of its stderr; `? 3`: its exit code (default 0)
 *  - anything else: a line of its stdout. `[..]` stands for anything within a line, a line `...` for any lines.
 *  Blank lines before a command, a comment or the end belong to nobody.
 *  @throws Error naming the line that can't be understood */
export function parseStory(text: string, file: string): Story {
  const lines = text.split("\n");
  const starts = lines.flatMap((line, index) => (line.startsWith("$ ") ? [index] : []));
  const fleet = parseHead(lines.slice(0, starts[0] ?? lines.length), file);
  if (starts.length === 0) throw new Error(`${file}: has no command`);
  const steps = starts.map((start, place) => {
    const end = starts[place + 1] ?? lines.length;
    return parseStep(lines.slice(start, end), start + 1, file);
  });
  return { fleet, steps };
}

/** Splits a command line into words.
 *  @throws Error for a quote that does not end */
export function splitWords(command: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (const character of command) {
    if (quote !== "") {
      if (character === quote) quote = "";
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (character === " ") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (quote !== "") throw new Error(`a ${quote} does not end: ${command}`);
  return word === undefined ? words : [...words, word];
}

function parseHead(lines: readonly string[], file: string): StoryFleet {
  const heads = lines.filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const [head = "", ...others] = heads;
  if (others.length > 0) throw new Error(`${file}: before the first command there may be one @ line, not: ${others[0]}`);
  if (head === "@none") return { kind: "none" };
  const [, hosts, agents] = /^@fleet hosts=(\d+) agents=(\d+)$/.exec(head) ?? [];
  if (hosts === undefined || agents === undefined)
    throw new Error(`${file}: begins with neither "@none" nor "@fleet hosts=N agents=N"`);
  return { kind: "demo", hosts: Number(hosts), agents: Number(agents) };
}

function parseStep([first = "", ...rest]: readonly string[], line: number, file: string): StoryStep {
  const command = first.slice(2).trim();
  const [program, ...args] = splitWords(command);
  if (program === undefined) throw new Error(`${file}:${line}: no command after the $`);
  const said = rest.filter((text) => !text.startsWith("# ") && text !== "#");
  const codes = said.filter((text) => text.startsWith("? ")).map((text) => text.slice(2));
  if (codes.length > 1 || codes.some((code) => !/^\d+$/.test(code)))
    throw new Error(`${file}:${line}: wants one exit code: ${codes}`);
  const stderr = said.filter((text) => text === "!" || text.startsWith("! ")).map((text) => text.slice(2));
  const stdout = said.filter((text) => !/^(! |!$|\? )/.test(text));
  while (stdout.at(-1)?.trim() === "") stdout.pop();
  return { line, command, argv: [program, ...args], stdout, stderr, exitCode: Number(codes[0] ?? 0) };
}
