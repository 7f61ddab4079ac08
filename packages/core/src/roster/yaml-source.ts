import { type Document, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument } from "yaml";

/** A step into a document: a mapping's key, or an entry's number. */
export type Step = string | number;

/** A place in a text, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Something wrong with the text as YAML. */
export interface YamlProblem {
  readonly position: Position;
  readonly message: string;
  readonly hint: string;
}

/** A YAML text, read. */
export interface YamlSource {
  readonly problems: readonly YamlProblem[];
  /** The plain value; undefined when there are problems. */
  readonly value: unknown;
  /** Where the thing at the path stands: a mapping's entry at its key, a list's at its first character. For a path that
   *  leads nowhere, where it would have been. */
  positionOf(path: readonly Step[]): Position;
}

// An operator's anchors are few; what needs more is an attack that unfolds a small text into a huge value.
const MAX_ALIASES = 100;

/** Reads one YAML document, keeping where everything stands. Never throws. */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  // Its own check of unique keys compares every pair of keys, which takes 20 s for the 40,000 keys that fit in 1 MiB.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false, logLevel: "error" });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const said = [...document.errors, ...document.warnings].map((each) => ({
    position: at(each.pos[0]),
    message: each.code === "RESOURCE_EXHAUSTION" ? "the text is nested too deeply" : "the text can't be read as YAML",
    hint: `the YAML parser says: ${each.message}`,
  }));
  const problems = said.length > 0 ? said : unusableKeys(document, at);
  const unfolded = problems.length > 0 ? { value: undefined } : unfold(document);
  return {
    problems: "problem" in unfolded ? [unfolded.problem] : problems,
    value: "value" in unfolded ? unfolded.value : undefined,
    positionOf: (path) => at(offsetOf(document, path)),
  };
}

function unfold(document: Document): { value: unknown } | { problem: YamlProblem } {
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) };
  } catch (thrown) {
    // It throws a plain ReferenceError for an alias without anchor and for too many of them, and runs out of stack.
    const what = thrown instanceof RangeError ? "is nested too deeply" : "has aliases that can't be followed";
    const hint = thrown instanceof Error ? `the YAML parser says: ${thrown.message}` : "";
    return { problem: { position: { line: 1, column: 1 }, message: `the text ${what}`, hint } };
  }
}

function unusableKeys(document: Document, at: (offset: number) => Position): YamlProblem[] {
  const problems: YamlProblem[] = [];
  const open: unknown[] = [document.contents];
  while (open.length > 0) {
    const node = open.pop();
    if (isSeq(node)) for (const item of node.items) open.push(item);
    if (!isMap(node)) continue;
    const seen = new Set<string>();
    for (const pair of node.items) {
      const key = keyOf(pair);
      const position = at(startOf(pair.key));
      if (key === undefined)
        problems.push({ position, message: "the text has a key that is no plain text", hint: "write the key out as one word" });
      else if (seen.has(key))
        problems.push({ position, message: `the text has the key ${key} twice`, hint: `remove one of the two ${key} entries` });
      else seen.add(key);
      open.push(pair.value);
    }
  }
  return problems.sort((a, b) => a.position.line - b.position.line);
}

function offsetOf(document: Document, path: readonly Step[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const step of path) {
    // An alias is pointed at where it is used: what it stands for is a place of its own, with its own problems.
    const pair = isMap(node) ? node.items.find((each) => keyOf(each) === String(step)) : undefined;
    const item = isSeq(node) ? node.items[Number(step)] : undefined;
    if (pair === undefined && item === undefined) break;
    offset = startOf(pair?.key ?? item);
    node = pair === undefined ? item : pair.value;
  }
  return offset;
}

/** @returns the key as it is called once the document is a plain value; undefined for a collection or an alias. */
function keyOf(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value ?? "") : undefined;
}

function startOf(node: unknown): number {
  const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : 0;
}
