import { spawn } from "node:child_process";
import { eventually } from "@mosaic/testkit";
import type { ProgramEnd } from "../run-program.ts";
import { TestTerminal } from "../test-terminal.ts";
import type { Place } from "./place.ts";

/** What stays until it is interrupted. */
const STREAM = /--follow|--watch|message watch --json|gateway call Watch|a2a serve/;
/** What needs a terminal, and what is pressed to leave it. */
const SCREEN = /^mosaic (?:dashboard|agent watch|sessions show .*--play)|^mosaic (agent attach)/;
/** As long as an interrupted command may take on a busy machine, and an answer. */
const PATIENCE_MS = 20_000;

/** Whether a line ends only when somebody interrupts it. */
export function isInterrupted(line: string): boolean {
  return STREAM.test(line) || SCREEN.test(line);
}

/** Runs a line as it was typed into a shell. A stream is interrupted after its first output.
 *  @param stir makes something happen that a stream may tell; called until it does */
export async function runExample(line: string, place: Place, stir: () => Promise<unknown>): Promise<ProgramEnd> {
  const screen = SCREEN.exec(line);
  if (screen) return await runOnScreen(line, place, screen[1] === undefined ? "C-c" : "C-]");
  return await runInShell(line, place, STREAM.test(line) ? stir : undefined);
}

/** The line runs in a group of its own, as the foreground of a terminal does: Ctrl-C reaches every program of it. */
async function runInShell(line: string, { env, cwd }: Place, stir: (() => Promise<unknown>) | undefined): Promise<ProgramEnd> {
  const startedMs = performance.now();
  const child = spawn("bash", ["-c", `set -o pipefail; ${line}`], {
    env,
    cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].setEncoding("utf8").on("data", (text) => (written[name] += text));
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) =>
      resolve({
        ...written,
        exitCode: code ?? undefined,
        signal: signal ?? undefined,
        durationMs: performance.now() - startedMs,
      }),
    );
  });
  let isGone = false;
  void ended.then(() => {
    isGone = true;
  });
  const kill = (signal: NodeJS.Signals) => {
    if (!isGone && child.pid !== undefined) process.kill(-child.pid, signal);
  };
  const overdue = setTimeout(() => kill("SIGKILL"), 2 * PATIENCE_MS);
  try {
    if (stir) {
      const hasSpoken = () => isGone || `${written.stdout}${written.stderr}` !== "";
      const stirred = async () => {
        if (!hasSpoken()) await stir();
        return hasSpoken();
      };
      await eventually(`${line} says something`, stirred, PATIENCE_MS);
      kill("SIGINT");
    }
    return await ended;
  } finally {
    clearTimeout(overdue);
    kill("SIGKILL");
  }
}

async function runOnScreen(line: string, { env }: Place, leave: string): Promise<ProgramEnd> {
  const startedMs = performance.now();
  await using terminal = new TestTerminal();
  const screen = await terminal.open(["bash", "-c", line], { env, columns: 120, rows: 30 });
  const shown = await screen.shows(/lead|alpha|ready/, PATIENCE_MS);
  await screen.press(leave);
  const [, code] = /code=(\d+)/.exec(await screen.ended(PATIENCE_MS)) ?? [];
  const durationMs = performance.now() - startedMs;
  return { stdout: shown.join("\n"), stderr: "", exitCode: Number(code), signal: undefined, durationMs };
}
