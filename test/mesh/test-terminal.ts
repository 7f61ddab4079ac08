import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "@mosaic/testkit";
import { tmuxFolder } from "./leftovers.ts";
import { type ProgramEnd, runToEnd } from "./run-program.ts";

/** A real terminal with one program in it. */
export interface TestScreen {
  /** What is shown now, line by line, without trailing blanks. */
  lines(): Promise<string[]>;
  /** Types text as it is. */
  type(text: string): Promise<void>;
  /** Presses named keys, for example `C-c`. */
  press(...keys: string[]): Promise<void>;
  /** The value of a tmux format such as `#{alternate_on}`. */
  format(format: string): Promise<string>;
  /** Waits until the screen shows something, and answers with its lines. */
  shows(pattern: RegExp, deadlineMs?: number): Promise<string[]>;
  /** Waits until the program ended, and answers with the line that says how: see run-in-terminal.mjs. */
  ended(deadlineMs?: number): Promise<string>;
}

export interface ScreenOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly columns: number;
  readonly rows: number;
}

/** A private tmux server of the test's own, in which programs have real terminals. Disposing ends them all. */
export class TestTerminal implements AsyncDisposable {
  static #count = 0;
  readonly socketName: string;
  #screens = 0;

  constructor() {
    TestTerminal.#count += 1;
    this.socketName = `mosaic-test-${process.pid}-mesh${TestTerminal.#count}`;
  }

  /** Opens a terminal and starts a program in it. */
  async open(argv: readonly [string, ...string[]], { env, columns, rows }: ScreenOptions): Promise<TestScreen> {
    this.#screens += 1;
    const session = `screen${this.#screens}`;
    const wrapper = [process.execPath, join(import.meta.dirname, "run-in-terminal.mjs")];
    const variables = Object.entries(env).flatMap(([name, value]) => (name === "TERM" ? [] : ["-e", `${name}=${value}`]));
    const size = ["-x", `${columns}`, "-y", `${rows}`];
    const start = ["new-session", "-d", "-s", session, ...size, ...variables, "--", ...wrapper, ...argv];
    await tmux(this.socketName, start, ["set-option", "-g", "status", "off"]);
    return screenOf(this.socketName, session);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await runTmux(this.socketName, ["kill-server"]);
    await rm(join(tmuxFolder(), this.socketName), { force: true });
  }
}

/** The screen of a session on any tmux server. */
export function screenOf(socketName: string, session: string): TestScreen {
  const target = `=${session}:`;
  const lines = async () =>
    (await tmux(socketName, ["capture-pane", "-p", "-t", target])).split("\n").map((line) => line.trimEnd());
  const shows = (pattern: RegExp, deadlineMs = 10_000) => {
    let last: string[] = [];
    const look = async () => {
      last = await lines();
      return pattern.test(last.join("\n")) && last;
    };
    return eventually(`${pattern} on the screen`, look, deadlineMs).catch((error: Error) => {
      throw new Error(`${error.message}; it shows:\n${last.join("\n")}`);
    });
  };
  return {
    lines,
    type: async (text) => void (await tmux(socketName, ["send-keys", "-t", target, "-l", "--", text])),
    press: async (...keys) => void (await tmux(socketName, ["send-keys", "-t", target, ...keys])),
    format: async (format) => (await tmux(socketName, ["display-message", "-p", "-t", target, format])).trimEnd(),
    shows,
    ended: async (deadlineMs) => endedOn(await shows(ENDED, deadlineMs)),
  };
}

// A key that comes when the program has just gone is echoed in front of what its wrapper says.
const ENDED = /^(?:\^C)?(ended: .*)$/m;

function endedOn(lines: readonly string[]): string {
  return ENDED.exec(lines.join("\n"))?.[1] ?? "";
}

/** Runs tmux commands on a server, one after the other in one call, and answers with what they print.
 *  @throws AssertionError with tmux's own words when one fails */
export async function tmux(socketName: string, ...commands: string[][]): Promise<string> {
  const end = await runTmux(
    socketName,
    commands.flatMap((command, index) => (index === 0 ? command : [";", ...command])),
  );
  assert.equal(end.exitCode, 0, `tmux ${commands.map((command) => command.join(" ")).join(" ; ")}: ${end.stderr}`);
  return end.stdout;
}

function runTmux(socketName: string, words: readonly string[]): Promise<ProgramEnd> {
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: "/nonexistent", LANG: "C.UTF-8" };
  return runToEnd(["tmux", "-u", "-f", "/dev/null", "-L", socketName, ...words], { env });
}
