import { type AuditHead, type AuditLine, EMPTY_HEAD, lineHash } from "./chain.ts";

/** Lines of a sound log with that many records, and where it stands behind them. */
export function chainOf(count: number): { lines: string[]; head: AuditHead } {
  const lines: string[] = [];
  let head = EMPTY_HEAD;
  for (let index = 1; index <= count; index += 1) {
    const line = JSON.stringify({ index, prev: head.hash, at: "t", action: "agent.reset", facts: { n: index } });
    lines.push(line);
    head = { index, hash: lineHash(line) };
  }
  return { lines, head };
}

/** Lines as they stand in one file, from its first line on. */
export function linesOf(texts: readonly string[]): AuditLine[] {
  return texts.map((text, index) => ({ text, file: "audit.jsonl", line: index + 1 }));
}
