/** What the stub agent's tests need: a private tmux server with the stub in it, and a node that records what it is told. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const SCRIPT = fileURLToPath(new URL("./stub-agent.mjs", import.meta.url));
const RUN = fileURLToPath(new URL("./test-run.mjs", import.meta.url));
const DEADLINE_MS = 15_000;
let count = 0;

export interface StubTerminal extends AsyncDisposable {
  /** The agent's MOSAIC_HOME; gone when the terminal is disposed. */
  readonly home: string;
  /** What the pane shows, without trailing blanks; with history when asked for. */
  capture(withHistory?: boolean): Promise<string>;
  /** Waits until the screen fits, and answers with it. */
  until(pattern: RegExp): Promise<string>;
  paste(text: string): Promise<void>;
  keys(...names: string[]): Promise<void>;
  type(text: string): Promise<void>;
  /** Pastes, waits until the composer shows something, submits. */
  send(text: string): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** The stub's process id, as its title says. */
  pid(): Promise<number>;
  /** A tmux format, for example `#{alternate_on}`. */
  fact(format: string): Promise<string>;
  /** Waits for the program's end and answers with its exit status. */
  exitStatus(): Promise<number>;
}

/** Starts the stub on a tmux server of its own.
 *  @param options `home`: another MOSAIC_HOME than a fresh one; `socket`: the node's. */
export async function startStub(
  args: string[] = [],
  options: { home?: string; socket?: string; columns?: number } = {},
): Promise<StubTerminal> {
  const directory = await mkdtemp(join(tmpdir(), "mosaic-stub-"));
  const home = options.home ?? join(directory, "home");
  const statusFile = join(directory, "exit-status");
  await mkdir(join(directory, "home"));
  const name = `mosaic-test-${process.pid}-${count++}`;
  // -u, because a client without a UTF-8 locale is given underscores.
  // The socket is in the test's own folder, because tmux leaves it behind.
  const tmux = (words: string[], input = ""): Promise<string> =>
    run(["-u", "-L", name, "-f", "/dev/null", ...words], input, directory);
  const env = {
    MOSAIC_HOME: home,
    MOSAIC_AGENT_NAME: "coder0",
    MOSAIC_TENANT: "team-a",
    MOSAIC_HOST: "alpha",
    MOSAIC_NODE_SOCKET: options.socket ?? "",
  };
  await tmux(["new-session", "-d", "-s", "_holder", "sleep", "600"]);
  await tmux(["set-option", "-g", "remain-on-exit", "on"]);
  const variables = Object.entries(env).flatMap(([key, value]) => ["-e", `${key}=${value}`]);
  await tmux([
    "new-session",
    "-d",
    "-s",
    "agent",
    "-x",
    String(options.columns ?? 100),
    "-y",
    "20",
    ...variables,
    process.execPath,
    RUN,
    statusFile,
    process.execPath,
    SCRIPT,
    ...args,
  ]);
  const pane = "=agent:0.0";
  const terminal: StubTerminal = {
    home,
    capture: async (withHistory = false) =>
      (await tmux(["capture-pane", "-p", "-t", pane, ...(withHistory ? ["-S", "-"] : [])])).trimEnd(),
    until: (pattern) =>
      waitFor(
        () => terminal.capture(),
        (screen) => pattern.test(screen),
        `screen ${pattern}`,
      ),
    paste: async (text) => {
      await tmux(["load-buffer", "-"], text);
      await tmux(["paste-buffer", "-p", "-r", "-d", "-t", pane]);
    },
    keys: async (...names) => void (await tmux(["send-keys", "-t", pane, ...names])),
    type: async (text) => void (await tmux(["send-keys", "-t", pane, "-l", text])),
    send: async (text) => {
      await terminal.paste(text);
      await terminal.until(/^> ./m);
      await waitFor(
        () => terminal.fact("#{cursor_x}"),
        (column) => Number(column) > 2,
        "a draft",
      );
      await terminal.keys("Enter");
    },
    resize: async (columns, rows) =>
      void (await tmux(["resize-window", "-t", "=agent:0", "-x", String(columns), "-y", String(rows)])),
    fact: async (format) => (await tmux(["display-message", "-p", "-t", pane, format])).trimEnd(),
    pid: async () => Number(/pid (\d+)/.exec(await terminal.until(/pid \d+/))?.[1]),
    exitStatus: async () =>
      Number(
        await waitFor(
          () => readFile(statusFile, "utf8").catch(() => ""),
          (status) => status !== "",
          "the end",
        ),
      ),
    [Symbol.asyncDispose]: async () => {
      await tmux(["kill-server"]);
      await rm(directory, { recursive: true, force: true });
    },
  };
  return terminal;
}

/** Asks again and again until the answer is good; fails after 15 s with the last answer. */
export async function waitFor<Answer>(
  ask: () => Answer | Promise<Answer>,
  isGood: (answer: Answer) => boolean,
  what: string,
): Promise<Answer> {
  const endsAtMs = performance.now() + DEADLINE_MS;
  for (;;) {
    const answer = await ask();
    if (isGood(answer)) return answer;
    if (performance.now() > endsAtMs) throw new Error(`waited 15 s for ${what}; last was:\n${String(answer)}`);
    await sleep(20);
  }
}

function run(words: string[], input: string, socketDirectory: string): Promise<string> {
  const options = { timeout: 10_000, env: { ...process.env, TMUX: "", TMUX_TMPDIR: socketDirectory } };
  return new Promise((resolve, reject) => {
    const child = execFile("tmux", words, options, (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
    child.stdin?.on("error", () => {
      // A command that takes no input may end first; its own result is what counts.
    });
    child.stdin?.end(input);
  });
}
