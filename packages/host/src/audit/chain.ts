import { createHash } from "node:crypto";

/** Where a chain of audit records stands: what the next one continues from. */
export interface AuditHead {
  /** Of the last record; 0: there is none yet. */
  readonly index: number;
  /** SHA-256 of the last record's line, in hex; {@link CHAIN_START} when there is none. */
  readonly hash: string;
}

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

/** What is wrong with an audit log, and where. */
export interface AuditProblem {
  /** The record's own index, or the one it should have. */
  readonly index: number;
  /** Line of the file, from 1. */
  readonly line: number;
  readonly kind: "changed" | "missing" | "out-of-order" | "cut-off" | "bad-checkpoint";
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
  /** Where it ends. */
  readonly head: AuditHead;
  /** The first ones found, at most 100. */
  readonly problems: readonly AuditProblem[];
}

export interface VerifyAuditOptions {
  /** What the writer kept of where the chain stands; undefined: it is not known, and then nothing tells whether the end was cut off. */
  readonly head?: AuditHead | undefined;
  /** Judges the signature of a checkpoint. @returns what is wrong with it; undefined: nothing. Default: they are counted only. */
  readonly judgeCheckpoint?: ((checkpoint: AuditCheckpoint) => string | undefined) | undefined;
}

/** A record that signs all records before it. */
export interface AuditCheckpoint {
  readonly index: number;
  /** Hash of the record before it, which is what was signed. */
  readonly prev: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The action of a checkpoint's record. */
export const CHECKPOINT_ACTION = "audit.checkpoint";

const MAX_PROBLEMS = 100;

/** Looks through an audit log line by line, and says which records were changed, taken out or moved. It proves that the log is as
 *  it was written, not that whoever wrote it was honest. */
export async function verifyAudit(lines: AsyncIterable<string>, options: VerifyAuditOptions = {}): Promise<AuditReport> {
  const walk = new ChainWalk(options);
  for await (const line of lines) walk.take(line);
  return walk.end();
}

class ChainWalk {
  readonly #options: VerifyAuditOptions;
  readonly #problems: AuditProblem[] = [];
  #line = 0;
  #unchained = 0;
  #fragments = 0;
  #records = 0;
  #checkpoints = 0;
  #head = EMPTY_HEAD;

  constructor(options: VerifyAuditOptions) {
    this.#options = options;
  }

  take(line: string): void {
    this.#line += 1;
    const record = parseRecord(line);
    if (record === undefined) return this.#takeOther(line);
    const { index, prev } = record;
    const expected = this.#head.index + 1;
    if (index > expected && this.#records > 0) this.#find("missing", expected, `${range(expected, index - 1)} not there`);
    else if (index > expected) this.#find("missing", 1, `${range(1, index - 1)} not there`);
    else if (index < expected) this.#find("out-of-order", index, `it stands behind record ${this.#head.index}`);
    else if (prev !== this.#head.hash) this.#findChanged(index);
    this.#records += 1;
    if (record.action === CHECKPOINT_ACTION) this.#takeCheckpoint({ index, prev, facts: record.facts });
    // One that was moved does not move the place at which the others are expected.
    if (index >= expected) this.#head = { index, hash: lineHash(line) };
  }

  end(): AuditReport {
    const { head } = this.#options;
    const last = this.#head.index;
    if (head && head.index > last) this.#find("cut-off", last + 1, `${range(last + 1, head.index)} gone from the end`);
    // Before the end, the next record would have told.
    else if (head && head.index === last && head.hash !== this.#head.hash)
      this.#find("changed", last, "it is not as it was written");
    return {
      ...{ records: this.#records, unchained: this.#unchained, fragments: this.#fragments, checkpoints: this.#checkpoints },
      ...{ head: this.#head, problems: this.#problems },
    };
  }

  #takeOther(line: string): void {
    if (this.#records === 0 && isJson(line)) this.#unchained += 1;
    else this.#fragments += 1;
  }

  #findChanged(index: number): void {
    if (index === 1) this.#find("changed", 1, "it does not begin the chain");
    else this.#find("changed", index - 1, `record ${index} continues from another one than stands there`);
  }

  #takeCheckpoint(checkpoint: AuditCheckpoint): void {
    this.#checkpoints += 1;
    const wrong = this.#options.judgeCheckpoint?.(checkpoint);
    if (wrong !== undefined) this.#find("bad-checkpoint", checkpoint.index, wrong);
  }

  #find(kind: AuditProblem["kind"], index: number, detail: string): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ kind, index, line: this.#line, detail });
  }
}

interface ChainedRecord {
  readonly index: number;
  readonly prev: string;
  readonly action: unknown;
  readonly facts: Readonly<Record<string, unknown>>;
}

function parseRecord(line: string): ChainedRecord | undefined {
  const value = parseJson(line);
  if (typeof value !== "object" || value === null) return undefined;
  const { index, prev, action, facts } = value as Record<string, unknown>;
  if (!Number.isSafeInteger(index) || typeof prev !== "string") return undefined;
  return { index: index as number, prev, action, facts: (facts ?? {}) as Record<string, unknown> };
}

function isJson(line: string): boolean {
  return parseJson(line) !== undefined;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // What can't be read is named by who asks.
    return undefined;
  }
}

function range(from: number, to: number): string {
  return from === to ? `record ${from} is` : `records ${from} to ${to} are`;
}
