import type { ProgramEnd } from "../mesh/run-program.ts";
import { mismatchOf } from "./match-lines.ts";
import type { Story, StoryStep } from "./story.ts";

/** What a story's commands run in. */
export interface StoryStage {
  /** Runs `mosaic` with these arguments. */
  readonly mosaic: (args: readonly string[]) => Promise<ProgramEnd>;
  /** What `{name}` in a command or an expected line stands for. */
  readonly values: Readonly<Record<string, string>>;
}

/** Runs a story, command by command, up to the first that does something else than it tells.
 *  @throws Error with the command, where it differs, and everything it printed */
export async function runStory(story: Story, stage: StoryStage, file: string): Promise<void> {
  for (const step of story.steps) {
    const [program, ...args] = step.argv.map((word) => filledIn(word, stage.values));
    if (program !== "mosaic") throw new Error(`${file}:${step.line}: a story runs mosaic and nothing else, not ${program}`);
    const end = await stage.mosaic(args);
    const problems = problemsOf(step, end, stage.values);
    if (problems.length > 0) throw new Error(explain(step, end, problems, file));
  }
}

// Where a command did something else than it should. Empty: nowhere.
function problemsOf(step: StoryStep, end: ProgramEnd, values: StoryStage["values"] = {}): string[] {
  const problems: string[] = [];
  if (end.exitCode !== step.exitCode) problems.push(`exit code ${end.exitCode ?? end.signal}, expected ${step.exitCode}`);
  for (const stream of ["stdout", "stderr"] as const) {
    const expected = step[stream].map((line) => filledIn(line, values));
    const mismatch = mismatchOf(expected, linesOf(end[stream]));
    if (mismatch !== undefined) problems.push(`${stream} differs ${mismatch}`);
  }
  return problems;
}

/** The lines of a program's output, without what is blank at its end. */
export function linesOf(output: string): string[] {
  const text = output.trimEnd();
  return text === "" ? [] : text.split("\n").map((line) => line.trimEnd());
}

function filledIn(text: string, values: StoryStage["values"]): string {
  return text.replace(/\{([a-z0-9_]+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function explain(step: StoryStep, end: ProgramEnd, problems: readonly string[], file: string): string {
  const screen = (name: string, text: string) => `--- ${name} ---\n${text.trimEnd()}`;
  const heading = `${file}:${step.line}: $ ${step.command}`;
  return [heading, ...problems, screen("stdout", end.stdout), screen("stderr", end.stderr), "---"].join("\n");
}
