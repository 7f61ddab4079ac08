import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import type { Io, Output } from "../io/io.ts";
import { findCommand } from "../parse/find-command.ts";
import { GLOBAL_FLAGS } from "../parse/global-options.ts";
import { parseFlags } from "../parse/parse-flags.ts";
import type { BaselineCheck } from "./baseline.ts";
import type { EvidencePart, GateQuestion } from "./evidence-part.ts";

/** Commands that look and change nothing, which scripts read. */
const LINES = [
  ...["version", "health", "status", "fleet ps", "fleet verify", "host list", "message list", "gateway status", "audit verify"],
];

/** Exit codes, the best first. */
const RANKS: readonly number[] = [
  EXIT_CODES.ok,
  EXIT_CODES.partial,
  EXIT_CODES.failed,
  EXIT_CODES.nobodyAnswered,
  EXIT_CODES.notAllowed,
];

/** What commands answer with --json: the schema and the exit code. They run in this process, as they would by themselves. */
export const jsonEvidence: EvidencePart = {
  parts: ["json"],
  async collect(question) {
    const checks: Record<string, BaselineCheck> = {};
    for (const line of LINES) {
      const { own, schema, exitCode } = await answerOf(line, question);
      // An answer of its own, whatever it says, is more than an error.
      const known = [own, "mosaic.error/1"].flatMap((each) => RANKS.map((code) => `${each} exit ${code}`));
      const value = `${schema} exit ${exitCode}`;
      checks[`json:${line}`] = { rule: "ranked", best_first: [...new Set([...known, value])], value };
    }
    return checks;
  },
};

interface Answer {
  /** The schema that the table of commands names. */
  readonly own: string;
  readonly schema: string;
  readonly exitCode: number;
}

async function answerOf(line: string, { globals, io, deps }: GateQuestion): Promise<Answer> {
  const found = findCommand(line.split(" "), deps.commands);
  if (found.kind !== "command") return { own: "none", schema: "none", exitCode: EXIT_CODES.usage };
  const { command } = found;
  const own = command.schema ?? "none";
  try {
    const flags = [...command.flags, ...GLOBAL_FLAGS.filter(({ name }) => !command.flags.some((own) => own.name === name))];
    const parsed = parseFlags(["--json"], flags, io.env, "");
    const module = await command.load();
    const result = await module.run({ ...parsed, globals: { ...globals, isJson: true } }, silenced(io), deps);
    return { own, schema: (result.envelope as { schema?: string } | undefined)?.schema ?? "none", exitCode: result.exitCode };
  } catch (thrown) {
    const error = MosaicError.from(thrown);
    if (error.code === "CANCELLED") throw error;
    return { own, schema: "mosaic.error/1", exitCode: error.exitCode };
  }
}

// What they say besides their answer is nobody's here.
function silenced(io: Io): Io {
  const nowhere = (output: Output): Output => ({ ...output, isTerminal: false, columns: undefined, write: () => {} });
  return { ...io, stdout: nowhere(io.stdout), stderr: nowhere(io.stderr) };
}
