import { resolve } from "node:path";
import { EXIT_CODES, MosaicError } from "@mosaic/core";
import { fileStore } from "@mosaic/host";
import { nextStep, parseAuthority, type RotationStep } from "@mosaic/identity";
import type { CommandResult, Invocation } from "../../command.ts";
import { readCa } from "../../enrolment/ca-view.ts";
import { planIntermediate, planRotation } from "../../enrolment/plan-rotation.ts";
import { type ToldFile, toldFiles, writeAll } from "../../enrolment/planned-write.ts";
import type { Io } from "../../io/io.ts";
import { plainText } from "../../output/plain-text.ts";

/** What `fleet ca rotate --json` prints. The names of its fields are a contract; see ca.test.ts. */
export interface CaRotateAnswer {
  readonly schema: "mosaic.fleet.ca.rotate/1";
  readonly complete: true;
  readonly dry_run: boolean;
  readonly step: string;
  /** How the authority is after it. */
  readonly phase: string;
  /** Null: there is none, it is done. */
  readonly next_step: string | null;
  readonly files: readonly ToldFile[];
}

/** Takes one step of changing the root, or replaces the intermediate. */
export async function run({ args, flags, globals }: Invocation, io: Io): Promise<CommandResult> {
  const files = fileStore();
  const view = await readCa(files, globals.mosaicHome);
  const [step] = args as [RotationStep | "intermediate"];
  const isDryRun = flags.boolean("dry-run");
  const nowUnixMs = io.clock.nowUnixMs();
  const authorityAt = async (path: string) => {
    const text = await files.read(path);
    return text === undefined ? undefined : parseAuthority(text, path);
  };
  const planned = async () => {
    if (step !== "intermediate") {
      const rootOut = resolve(io.cwd, flags.text("root-out") ?? `${view.paths.folder}/root`);
      const nextIntermediate = await authorityAt(view.paths.nextIntermediate);
      return await planRotation(view, { step, rootOut, without: flags.texts("without"), nowUnixMs, nextIntermediate });
    }
    const path = flags.text("root");
    const root = path === undefined ? undefined : await authorityAt(resolve(io.cwd, path));
    if (!root)
      throw new MosaicError("USAGE", "the root has to sign the next intermediate: --root <its file>", {
        hint: "bring it back from where it is kept, and take it away again",
      });
    return { state: view.state, writes: await planIntermediate(view, root, nowUnixMs) };
  };
  const { state, writes } = await planned();
  if (!isDryRun) await writeAll(files, writes);
  const answer: CaRotateAnswer = {
    ...{ schema: "mosaic.fleet.ca.rotate/1", complete: true, dry_run: isDryRun, step, phase: state.phase },
    ...{ next_step: state.phase === "steady" ? null : nextStep(state), files: toldFiles(writes) },
  };
  return { exitCode: EXIT_CODES.ok, envelope: answer, text: () => textOf(answer) };
}

function textOf({ dry_run: isDryRun, step, phase, next_step: next, files }: CaRotateAnswer): string {
  const lines = [
    `${isDryRun ? "Would take" : "Took"} the step ${step}; the fleet's authority ${isDryRun ? "would be" : "is"} ${phase}.`,
    ...files.map(({ path, mode, what }) => `  ${mode}  ${path}  ${what}`),
    ...(next === null ? [] : [`Next: mosaic fleet ca rotate ${next}; see who it waits for: mosaic fleet ca status`]),
  ];
  return lines.map((line) => `${plainText(line)}\n`).join("");
}
