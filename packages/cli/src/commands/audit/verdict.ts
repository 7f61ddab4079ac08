import type { AuditReport } from "@mosaic/host";

/** What `audit verify --json` prints. The names of its fields are a contract; see verify.test.ts. */
export interface AuditVerdict {
  readonly schema: "mosaic.audit.verify/1";
  /** True: the whole log was looked through; it says nothing of what was found. */
  readonly complete: true;
  readonly path: string;
  /** Every file that was looked through, the oldest first. */
  readonly files: readonly string[];
  readonly records: number;
  /** Lines from before records were a chain; nothing protects them. */
  readonly unchained: number;
  /** Lines that are half a record, which a power cut leaves. */
  readonly fragments: number;
  readonly checkpoints: number;
  /** The last record that a checkpoint stands behind whose signature holds. Null: none was judged. */
  readonly signed_through: number | null;
  readonly head: { readonly index: number; readonly hash: string };
  readonly problem_count: number;
  /** The first 100. */
  readonly problems: readonly {
    readonly kind: string;
    readonly index: number;
    readonly file: string;
    readonly line: number;
    readonly detail: string;
  }[];
  /** What this log can't prove, one sentence each. */
  readonly limits: readonly string[];
}

export interface VerdictFacts {
  readonly path: string;
  readonly files: readonly string[];
  /** Somebody kept where the log ended. */
  readonly isEndKnown: boolean;
  /** Signatures were looked at. */
  readonly isJudged: boolean;
  /** Aggregators write it into a database. */
  readonly isShared: boolean;
}

/** Says what a look through an audit log showed, and what it can't show. */
export function toVerdict(report: AuditReport, facts: VerdictFacts): AuditVerdict {
  const { records, unchained, fragments, checkpoints, head, signedThrough, problems, problemCount } = report;
  return {
    schema: "mosaic.audit.verify/1",
    complete: true,
    path: facts.path,
    files: facts.files,
    ...{ records, unchained, fragments, checkpoints },
    signed_through: facts.isJudged && checkpoints > 0 ? signedThrough : null,
    head,
    problem_count: problemCount,
    problems: problems.map(({ kind, index, file, line, detail }) => ({ kind, index, file, line, detail })),
    limits: limitsOf(report, facts),
  };
}

function limitsOf({ records, unchained, checkpoints, head, signedThrough }: AuditReport, facts: VerdictFacts): string[] {
  const unsigned = head.index - signedThrough;
  const isSigned = facts.isJudged && checkpoints > 0;
  return [
    ...(unchained > 0
      ? [`${unchained} lines are from before there was a chain: nothing tells whether they are as they were written`]
      : []),
    ...(facts.isEndKnown ? [] : ["nobody kept where it ended: that its end is whole is not proven"]),
    ...(isSigned || records === 0 ? [] : [notSigned(facts, checkpoints)]),
    ...(isSigned && unsigned > 1
      ? [`the last ${unsigned} records are not signed yet: whoever may write the ${whereOf(facts)} can make them anew`]
      : []),
    facts.isShared
      ? "whoever has an aggregator's key, or could write the database when a record was written, could record what did not happen, or not record what did"
      : "whoever has this host's key, or was this user when a record was written, could record what did not happen, or not record what did",
  ];
}

function whereOf({ isShared }: Pick<VerdictFacts, "isShared">): string {
  return isShared ? "database" : "file";
}

function notSigned({ isJudged, isShared }: VerdictFacts, checkpoints: number): string {
  if (checkpoints > 0 && !isJudged) return "its checkpoints were not judged: the fleet's roots are not here";
  return `it has no checkpoint: whoever may write the ${whereOf({ isShared })} can make the whole chain anew`;
}
