import { join } from "node:path";
import { run } from "node:test";

/** What one test file told. */
export interface TestFileResult {
  readonly path: string;
  readonly durationMs: number;
  readonly counts: TestCounts;
  /** Every test, suites excepted, as `path > suite > test`. */
  readonly tests: readonly { readonly id: string; readonly durationMs: number }[];
  readonly failures: readonly { readonly id: string; readonly problem: string }[];
  readonly skips: readonly TestSkip[];
  /** What the file printed, on either stream. */
  readonly output: string;
}

export interface TestCounts {
  readonly tests: number;
  readonly suites: number;
  readonly passed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly skipped: number;
  readonly todo: number;
}

/** A test, or a whole suite, that did not have to hold. */
export interface TestSkip {
  readonly id: string;
  readonly reason: string;
}

export interface TestFileOptions {
  readonly root: string;
  /** For each test that sets no limit of its own. */
  readonly testTimeoutMs: number;
  /** For the whole file: also a file that can't end, because it left something open, comes to an end. */
  readonly fileTimeoutMs: number;
  /** Regular expressions; only tests whose name fits one are run. Empty: all. */
  readonly namePatterns: readonly string[];
  readonly signal: AbortSignal;
}

/** The fields of node:test's events that are read here: one shape for all, as a plain JSON reader sees them. */
interface EventData {
  readonly name?: string;
  readonly nesting?: number;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly message?: string;
  readonly skip?: string | true;
  readonly todo?: string | true;
  readonly counts?: TestCounts;
  readonly details?: { readonly type?: string; readonly duration_ms: number; readonly error?: TestError };
}

type TestError = Error & { readonly failureType?: string; readonly cause?: unknown };

const noCounts: TestCounts = { tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 };

/** Runs one test file in a process of its own. Never throws for what the file does: that is a failure in the result. A file
 *  that ends before its tests did, for example by process.exit(0), fails, where node:test alone would call it passed. */
export async function runTestFile(path: string, options: TestFileOptions): Promise<TestFileResult> {
  const startedAtMs = performance.now();
  const deadline = AbortSignal.timeout(options.fileTimeoutMs);
  const stream = run({
    files: [join(options.root, path)],
    cwd: options.root,
    timeout: options.testTimeoutMs,
    testNamePatterns: [...options.namePatterns],
    signal: AbortSignal.any([options.signal, deadline]),
  });
  const record = createRecord(path, options.root, deadline);
  for await (const event of stream as AsyncIterable<{ type: string; data: EventData }>) record.add(event.type, event.data);
  if (deadline.aborted)
    record.fail(`still running after ${options.fileTimeoutMs / 1000} s: a test hangs, or left something open`);
  return { ...record.result(), durationMs: performance.now() - startedAtMs };
}

function createRecord(path: string, root: string, deadline: AbortSignal) {
  const [tests, failures, skips]: [{ id: string; durationMs: number }[], { id: string; problem: string }[], TestSkip[]] = [
    [],
    [],
    [],
  ];
  const names: string[] = [];
  let counts: TestCounts | undefined;
  let output = "";

  function addResult(data: EventData, isFailed: boolean): void {
    const { name = "", nesting = 0, details } = data;
    if (nesting === 0 && name === join(root, path)) {
      // Not a test: node:test tells of the file's process in this form.
      if (isFailed && !deadline.aborted) failures.push({ id: path, problem: `its process failed: ${describe(data, root)}` });
      return;
    }
    const id = [path, ...names.slice(0, nesting), name].join(" > ");
    const isSuite = details?.type === "suite";
    if (!isSuite) tests.push({ id, durationMs: details?.duration_ms ?? 0 });
    if (data.skip !== undefined)
      skips.push({ id, reason: data.skip === true || data.skip === "" ? "(no reason given)" : data.skip });
    else if (data.todo !== undefined)
      skips.push({ id, reason: data.todo === true || data.todo === "" ? "todo" : `todo: ${data.todo}` });
    else if (isFailed && details?.error?.failureType !== "subtestsFailed") failures.push({ id, problem: describe(data, root) });
  }

  return {
    add(type: string, data: EventData): void {
      if (type === "test:start") names[data.nesting ?? 0] = data.name ?? "";
      else if (type === "test:pass" || type === "test:fail") addResult(data, type === "test:fail");
      else if (type === "test:summary" && data.file !== undefined) counts = data.counts;
      else if (type === "test:stdout" || type === "test:stderr") output += data.message ?? "";
    },
    fail(problem: string): void {
      failures.push({ id: path, problem });
    },
    result() {
      if (counts === undefined && failures.length === 0)
        failures.push({ id: path, problem: "has no tests, or its process ended before they did" });
      return { path, counts: counts ?? noCounts, tests, failures, skips, output };
    },
  };
}

function describe({ line, column, details }: EventData, root: string): string {
  const error = details?.error;
  const cause = error?.cause ?? error;
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  const lines = text.split("\n").filter((each) => !/^\s+at .*(node:internal|node:async_hooks)/.test(each));
  return `(line ${line}:${column}) ${lines.join("\n").replaceAll(`${root}/`, "").replaceAll("file://", "")}`;
}
