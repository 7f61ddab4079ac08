import { createHash } from "node:crypto";
import { type AuditHead, parseJson } from "@mosaic/core";

export type { AuditHead };

/** What the first record of a chain continues from. */
export const CHAIN_START = "0".repeat(64);

export const EMPTY_HEAD: AuditHead = { index: 0, hash: CHAIN_START };

/** Hashes a record's line, without its line break. */
export function lineHash(line: string): string {
  return createHash("sha256").update(line).digest("hex");
}

/** Where the chain stands behind a line; undefined: the line is no record of a chain. */
export function placeOf(line: string): AuditHead | undefined {
  const record = parseRecord(line);
  return record && { index: record.index, hash: lineHash(line) };
}

/** One line of an audit log, which may be several files. */
export interface AuditLine {
  /** Without its line break. */
  readonly text: string;
  readonly file: string;
  /** In its file, from 1. */
  readonly line: number;
}

/** What is wrong with an audit log, and where. */
export interface AuditProblem {
  /** The record's own index, or the one it should have. */
  readonly index: number;
  readonly file: string;
  /** Line of the file, from 1; 0: it has none. */
  readonly line: number;
  readonly kind: "changed" | "missing" | "out-of-order" | "put-in" | "cut-off" | "bad-checkpoint";
  /** For people. */
  readonly detail: string;
}

/** What a look through a whole audit log found. */
export interface AuditReport {
  /** Records of the chain. */
  readonly records: number;
  /** Lines from before there was a chain, which nothing protects. */
  readonly unchained: number;
  /** Lines that are no record, such as half of one that a power cut left. Nothing of the chain is in them. */
  readonly fragments: number;
  readonly checkpoints: number;
  /** The last record that a checkpoint of an accepted signature stands behind; 0: none. */
  readonly signedThrough: number;
  /** Where it ends. */
  readonly head: AuditHead;
  /** The first ones found, at most 100. */
  readonly problems: readonly AuditProblem[];
  /** All that were found. */
  readonly problemCount: number;
}

export interface VerifyAuditOptions {
  /** What the writer kept of where the chain stood, read before the lines; undefined: it is not known, and then nothing tells
   *  whether the end was cut off. */
  readonly head?: AuditHead | undefined;
  /** Where the chain once stood, as somebody keeps it elsewhere. A log that begins behind one of them is whole from there on. */
  readonly known?: readonly AuditHead[] | undefined;
  /** Judges the signature of a checkpoint. @returns what is wrong with it; undefined: nothing. Default: they are counted only. */
  readonly judgeCheckpoint?: ((checkpoint: AuditCheckpoint) => string | undefined) | undefined;
}

/** A record that signs all records before it. */
export interface AuditCheckpoint {
  readonly index: number;
  /** As it is written in the record. */
  readonly at: string;
  /** Hash of the record before it, which is what was signed. */
  readonly prev: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The action of a checkpoint's record. */
export const CHECKPOINT_ACTION = "audit.checkpoint";

const MAX_PROBLEMS = 100;

/** Looks through an audit log line by line, and says which records were changed, taken out, put in or moved. It proves that the
 *  log is as it was written, not that whoever wrote it was honest. */
export async function verifyAudit(
  lines: AsyncIterable<AuditLine> | Iterable<AuditLine>,
  options: VerifyAuditOptions = {},
): Promise<AuditReport> {
  const walk = new ChainWalk(options);
  for await (const line of lines) walk.take(line);
  return walk.end();
}

class ChainWalk {
  readonly #options: VerifyAuditOptions;
  readonly #known: readonly AuditHead[];
  readonly #problems: AuditProblem[] = [];
  #at: Pick<AuditLine, "file" | "line"> = { file: "", line: 0 };
  #problemCount = 0;
  #unchained = 0;
  #fragments = 0;
  #records = 0;
  #checkpoints = 0;
  #signedThrough = 0;
  #head = EMPTY_HEAD;

  constructor(options: VerifyAuditOptions) {
    this.#options = options;
    this.#known = [...(options.known ?? []), ...(options.head ? [options.head] : [])];
  }

  take(line: AuditLine): void {
    this.#at = line;
    const record = parseRecord(line.text);
    if (record === undefined) return this.#takeOther(line.text);
    const before = { index: record.index - 1, hash: record.prev };
    if (this.#records === 0 && this.#known.some((head) => isSame(head, before))) this.#head = before;
    this.#records += 1;
    this.#link(record);
    const hash = lineHash(line.text);
    if (record.index > this.#head.index) this.#pass({ index: record.index, hash });
    if (record.action === CHECKPOINT_ACTION) this.#takeCheckpoint(record);
  }

  end(): AuditReport {
    const last = this.#head.index;
    const furthest = Math.max(0, ...this.#known.map(({ index }) => index));
    if (furthest > last) this.#find("cut-off", last + 1, `${range(last + 1, furthest)} gone from the end`);
    return {
      ...{ records: this.#records, unchained: this.#unchained, fragments: this.#fragments, checkpoints: this.#checkpoints },
      ...{ signedThrough: this.#signedThrough, head: this.#head, problems: this.#problems, problemCount: this.#problemCount },
    };
  }

  #link({ index, prev }: ChainedRecord): void {
    const expected = this.#head.index + 1;
    if (index > expected) this.#find("missing", expected, `${range(expected, index - 1)} not there`);
    else if (index < expected) this.#find("out-of-order", index, `it stands behind record ${this.#head.index}`);
    else if (prev !== this.#head.hash) this.#findChanged(index);
  }

  // One that was moved does not move the place at which the others are expected.
  #pass(head: AuditHead): void {
    this.#head = head;
    if (this.#known.some((known) => known.index === head.index && !isSame(known, head)))
      this.#find("changed", head.index, "it is not as it was written");
  }

  // Half a line is never JSON: what is, and is no record, was put there by somebody.
  #takeOther(text: string): void {
    if (!isJson(text)) this.#fragments += 1;
    else if (this.#records === 0) this.#unchained += 1;
    else this.#find("put-in", this.#head.index, `a line behind record ${this.#head.index} is no record of the chain`);
  }

  #findChanged(index: number): void {
    if (index === 1) this.#find("changed", 1, "it does not begin the chain");
    else this.#find("changed", index - 1, `record ${index} continues from another one than stands there`);
  }

  #takeCheckpoint({ index, prev, at, facts }: ChainedRecord): void {
    this.#checkpoints += 1;
    if (!this.#options.judgeCheckpoint) return;
    const wrong = this.#options.judgeCheckpoint({ index, prev, at, facts });
    if (wrong !== undefined) this.#find("bad-checkpoint", index, wrong);
    else this.#signedThrough = Math.max(this.#signedThrough, index - 1);
  }

  #find(kind: AuditProblem["kind"], index: number, detail: string): void {
    this.#problemCount += 1;
    const { file, line } = this.#at;
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ kind, index, file, line, detail });
  }
}

function isSame(a: AuditHead, b: AuditHead): boolean {
  return a.index === b.index && a.hash === b.hash;
}

interface ChainedRecord {
  readonly index: number;
  readonly prev: string;
  readonly at: string;
  readonly action: unknown;
  readonly facts: Readonly<Record<string, unknown>>;
}

function parseRecord(line: string): ChainedRecord | undefined {
  const value = parseJson(line);
  if (typeof value !== "object" || value === null) return undefined;
  const { index, prev, at, action, facts } = value as Record<string, unknown>;
  if (!Number.isSafeInteger(index) || typeof prev !== "string") return undefined;
  return { index: index as number, prev, at: String(at), action, facts: (facts ?? {}) as Record<string, unknown> };
}

function isJson(line: string): boolean {
  return parseJson(line) !== undefined;
}

function range(from: number, to: number): string {
  return from === to ? `record ${from} is` : `records ${from} to ${to} are`;
}
