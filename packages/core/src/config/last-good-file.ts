import { MosaicError } from "../errors.ts";
import type { Log } from "../ports/log.ts";
import type { WatchedFiles } from "../ports/watched-file.ts";

export interface LastGoodFileOptions<T> {
  readonly path: string;
  readonly maxBytes: number;
  /** Reads the text; throws MosaicError for what can't be used. */
  readonly parse: (text: string) => T | Promise<T>;
  /** The error for a file that is not there. */
  readonly missing: () => MosaicError;
  /** Looks at a new value beside the one in force; throws MosaicError to refuse it. Default: takes it. */
  readonly assertMayReplace?: (fresh: T, inForce: T) => void;
}

/** A file's value in force, and what is wrong with the file if it can't be used. */
export interface LastGoodFile<T> extends Disposable {
  readonly value: T;
  /** Undefined while the file is good. */
  readonly problem: MosaicError | undefined;
  /** Reads the file again. Never throws: a bad file is a `problem`, and the last good value stays. */
  reload(): Promise<void>;
}

/** Reads a file and follows its changes; a file gone bad never takes away what was good.
 *  @throws MosaicError when there is no good value to begin with. */
export async function openLastGoodFile<T>(
  files: WatchedFiles,
  log: Log,
  options: LastGoodFileOptions<T>,
  onChange: () => void,
): Promise<LastGoodFile<T>> {
  let value = await read(files, options);
  let problem: MosaicError | undefined;
  const readAgain = async () => {
    try {
      const fresh = await read(files, options);
      options.assertMayReplace?.(fresh, value);
      value = fresh;
      problem = undefined;
    } catch (thrown) {
      problem = MosaicError.from(thrown);
      log.warn({ path: options.path, error: problem.message }, "file can't be used; the last good one stays in force");
    }
    onChange();
  };
  // One after the other: a slow read must not put an older content over a newer one.
  let last: Promise<void> = Promise.resolve();
  const reload = () => {
    last = last.then(readAgain, readAgain);
    return last;
  };
  const slash = options.path.lastIndexOf("/");
  const name = options.path.slice(slash + 1);
  const watch = files.onChange(options.path.slice(0, slash) || "/", (entry) => {
    if (entry === undefined || entry === name) void reload();
  });
  return {
    get value() {
      return value;
    },
    get problem() {
      return problem;
    },
    reload,
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
}

async function read<T>(files: WatchedFiles, options: LastGoodFileOptions<T>): Promise<T> {
  const text = await files.read(options.path, options.maxBytes);
  if (text === undefined) throw options.missing();
  return await options.parse(text);
}
