import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import type { Command, CommandDeps, Invocation } from "./command.ts";
import { commandsFor } from "./command-table/commands-for.ts";
import { type Io, OutputClosed } from "./io/io.ts";
import { errorText } from "./output/error-text.ts";
import { hintOf } from "./output/hint-of.ts";
import { safeJson } from "./output/plain-text.ts";
import { printResult } from "./output/print-result.ts";
import { checkArguments } from "./parse/check-arguments.ts";
import { findCommand } from "./parse/find-command.ts";
import { GLOBAL_FLAGS, readGlobalOptions } from "./parse/global-options.ts";
import { parseFlags } from "./parse/parse-flags.ts";
import { networkRemote } from "./remote/network-remote.ts";
import { traceCommand } from "./trace/command-tracer.ts";

export interface CliOptions {
  /** Default: every command there is. */
  readonly commands?: readonly Command[];
  /** Replaces what commands are handed, for tests. */
  readonly deps?: Partial<CommandDeps>;
}

/** Runs one command line in a world of its own.
 *  @param argv without the program's own name
 *  @returns the exit code; never rejects */
export async function runCli(argv: readonly string[], io: Io, options: CliOptions = {}): Promise<number> {
  try {
    return await dispatch(argv, io, options);
  } catch (thrown) {
    if (io.signal.reason instanceof OutputClosed) return EXIT_CODES.ok;
    const error = MosaicError.from(io.signal.aborted && isPlainAbort(thrown) ? io.signal.reason : thrown);
    // Whoever interrupted knows; a command that has more to say about it throws an error of its own.
    if (error !== io.signal.reason) report(error, argv, io);
    return error.exitCode;
  }
}

async function dispatch(argv: readonly string[], io: Io, options: CliOptions): Promise<number> {
  const commands = options.commands ?? (await commandsFor(argv));
  const found = findCommand(argv, commands);
  if (found.kind === "group") {
    const { showGroup } = await import("./help/show-group.ts");
    return showGroup(found, commands, io);
  }
  const { command } = found;
  const flags = [...command.flags, ...GLOBAL_FLAGS.filter((flag) => !command.flags.some((own) => own.name === flag.name))];
  if (asksForHelp(found.rest)) {
    const { showCommand } = await import("./help/show-command.ts");
    return showCommand(command, io);
  }
  const parsed = parseFlags(found.rest, flags, io.env, `mosaic ${command.path.join(" ")} --help`);
  checkArguments(command, parsed.args);
  const invocation = { ...parsed, globals: readGlobalOptions(parsed.flags, io) };
  return await runCommand(command, invocation, io, { ...options, commands });
}

async function runCommand(
  command: Command,
  invocation: Invocation,
  io: Io,
  { commands, deps }: CliOptions & Required<Pick<CliOptions, "commands">>,
): Promise<number> {
  return await traceCommand(command.path.join(" "), io, async ({ tracer, traceparent }) => {
    const [noun = ""] = command.path;
    const clientKind = SERVING.has(noun) ? noun : "cli";
    const { mosaicHome } = invocation.globals;
    const remote = networkRemote({ signal: io.signal, tracer, traceparent, mosaicHome, clientKind });
    const module = await command.load();
    const result = await module.run(invocation, io, { remote, tracer, traceparent, commands, ...deps });
    printResult(result, invocation, io);
    return result.exitCode;
  });
}

/** Commands that stay, and call on behalf of others or for somebody who looks on. */
const SERVING: ReadonlySet<string> = new Set(["dashboard", "mcp", "a2a"]);

// Looked at before the flags are, so that help is there for whoever got them wrong.
function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  return words.slice(0, end < 0 ? words.length : end).some((word) => word === "--help" || word === "-h");
}

// One that names a way on has more to say than that somebody interrupted.
function isPlainAbort(thrown: unknown): boolean {
  if (thrown instanceof MosaicError) return thrown.code === "CANCELLED" && thrown.hint === undefined;
  return thrown instanceof Error && thrown.name === "AbortError";
}

function report(error: MosaicError, argv: readonly string[], io: Io): void {
  if (argv.includes("--json") || argv.includes("--jsonl")) {
    const { code, message } = error;
    const hint = hintOf(error) ?? null;
    const candidates = error.candidates.map(({ tenantId, host, name }) => ({ tenant_id: tenantId, host, name }));
    io.stdout.write(`${safeJson({ schema: "mosaic.error/1", code, message, hint, candidates })}\n`);
  }
  const isVerbose = argv.includes("--verbose") || !["", "0", "false"].includes(io.env["MOSAIC_DEBUG"] ?? "");
  io.stderr.write(errorText(error, isVerbose));
}
