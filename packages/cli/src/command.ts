import type { Tracer } from "@mosaic/core/light";
import type { Io } from "./io/io.ts";
import type { Style } from "./output/style.ts";
import type { Argument, Flag } from "./parse/declared.ts";
import type { FlagValues } from "./parse/flag-values.ts";
import type { GlobalOptions } from "./parse/global-options.ts";
import type { Remote } from "./remote/remote.ts";

/** One command: data only, so that help, completion and the reference need not load it. */
export interface Command {
  readonly path: readonly string[];
  /** One line, without a full stop. */
  readonly summary: string;
  readonly description: string;
  readonly args: readonly Argument[];
  readonly flags: readonly Flag[];
  readonly examples: readonly Example[];
  /** Name of the envelope that --json prints. Undefined: it has none. */
  readonly schema: string | undefined;
  readonly load: () => Promise<CommandModule>;
}

export interface Example {
  readonly line: string;
  readonly does: string;
}

/** What a command's module exports. */
export interface CommandModule {
  /** Does the work and returns what there is to say. Long-running commands write to `io.stdout` themselves.
   *  @throws MosaicError for everything that goes wrong; only `cli.ts` prints errors. */
  run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult>;
}

/** A command line, understood. */
export interface Invocation {
  /** Positional arguments; as many as the table allows. */
  readonly args: readonly string[];
  readonly flags: FlagValues;
  readonly globals: GlobalOptions;
}

/** What a command is handed besides the world. */
export interface CommandDeps {
  readonly remote: Remote;
  readonly tracer: Tracer;
  /** Trace context of the command's own span; goes out with every call. */
  readonly traceparent: string | undefined;
  /** Every command there is, for those that talk about the others. */
  readonly commands: readonly Command[];
}

/** What a command has to say, in every form it may be asked for. */
export interface CommandResult {
  readonly exitCode: number;
  /** For --json. */
  readonly envelope?: object;
  /** For --jsonl. */
  readonly lines?: () => Iterable<object>;
  /** For people; ends with a line break unless empty. */
  readonly text?: (view: TextView) => string;
  /** One line each, for stderr, in every form. */
  readonly notes?: readonly string[];
}

/** How text should look. */
export interface TextView {
  /** Lines longer than this are cut. Undefined: never cut. */
  readonly columns: number | undefined;
  readonly style: Style;
}
