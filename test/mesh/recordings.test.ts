/** Terminals of real agents on record: bounded, each file whole in itself, and without a trace for the agent. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { type DaemonHome, daemonHome } from "./daemon-home.ts";
import { tellAll } from "./tell-all.ts";
import { screenOf, type TestScreen, TestTerminal, tmux } from "./test-terminal.ts";

const STUB = join(import.meta.dirname, "../../framework/stub-agent/stub-agent.mjs");
const SIZE = "#{window_width}x#{window_height}";
const MAX_FILE_BYTES = 65_536;

interface ListedRecording {
  readonly id: string;
  readonly agent: string;
  readonly path: string;
  readonly bytes: number;
  readonly is_being_written: boolean;
}

interface Stage {
  readonly home: DaemonHome;
  readonly lead: TestScreen;
  readonly rosterOf: (recording: string) => string;
}

test(
  "an agent's terminal is recorded where the roster asks for it",
  { timeout: 180_000 },
  tellAll(async (t) => {
    await using home = await daemonHome({ fromSource: true });
    await using terminal = new TestTerminal();
    const { socketName } = terminal;
    const rosterOf = (recording: string) => rosterText(socketName, recording);
    await tmux(socketName, ["new-session", "-d", "-s", "_holder", "--", "tail", "-f", "/dev/null"]);
    for (const name of ["lead", "coder0"]) await startStub(socketName, name);
    const lead = screenOf(socketName, "lead");
    await lead.shows(/lead/);
    const sizeBefore = await lead.format(SIZE);
    await home.write("fleet/roster.yaml", rosterOf("{ max_file_bytes: 65536, max_files: 2 }"));
    await home.serves("node");
    const stage = { home, lead, rosterOf };

    await t.test("the one that the roster names is, and no other", async () => {
      const [only] = await eventually("there is a recording", async () => {
        const found = await list(home);
        return found.length > 0 && found;
      });
      assert.deepEqual([only?.agent, only?.is_being_written], ["lead", true]);
      assert.deepEqual(await readdir(join(home.mosaicHome, "fleet/sessions")), ["lead"]);
    });
    await t.test("output beyond the limits leaves at most two files, none larger than allowed", () => beyondLimits(stage));
    await t.test("each file plays alone to a sensible screen", () => playsAlone(stage));
    await t.test("the end of the newest is what the terminal shows", () => endsAsShown(stage));
    await t.test("a resize is on record, and the screen after it is right", () => resized(stage, socketName));
    await t.test("exports are what was recorded", () => exports(stage));
    await t.test("a dry run of prune deletes nothing, and what is being written is never named", () => pruned(stage));
    await t.test("taken out of the roster, recording ends while the agent runs on", async () => {
      await home.write("fleet/roster.yaml", rosterOf(""));
      await eventually("none is being written", async () => (await list(home)).every((each) => !each.is_being_written));
      assert.equal((await list(home)).length, 2);
    });
    await t.test("the agent's window kept its size, and no client of ours is left but one", async () => {
      await tmux(socketName, ["resize-window", "-t", "=lead:", "-x", "100", "-y", "30"]);
      assert.equal(await lead.format(SIZE), sizeBefore);
      await eventually("the recorder's client is gone", async () => {
        return (await tmux(socketName, ["list-clients"])).trim().split("\n").length === 1;
      });
    });
  }),
);

async function beyondLimits({ home, lead }: Stage): Promise<void> {
  const seen = new Set<string>();
  const size = await lead.format(SIZE);
  for (let index = 0; seen.size < 4; index++) {
    assert.ok(index < 400, `only ${seen.size} files came of ${index} messages`);
    await lead.type(`message ${index} ${"words and more words ".repeat(40)}`);
    await lead.press("Enter");
    const files = await castFiles(home);
    assert.ok(files.length <= 2, `${files.length} files`);
    for (const name of files) seen.add(name);
  }
  assert.equal(await lead.format(SIZE), size);
  // Until all that was typed is on record: one more rotation would take a file away from under the tests that follow.
  let before = "";
  await eventually("nothing more is recorded", async () => {
    const [last, now] = [before, JSON.stringify([await lead.lines(), await list(home)])];
    before = now;
    return now === last;
  });
  for (const { bytes } of await list(home)) assert.ok(bytes <= MAX_FILE_BYTES, `${bytes} bytes`);
}

async function playsAlone({ home }: Stage): Promise<void> {
  const recordings = await list(home);
  assert.equal(recordings.length, 2);
  for (const { id, path } of recordings) {
    const text = await readFile(path, "utf8");
    assert.match(
      text,
      /^\{"version":2,"width":100,"height":30,"timestamp":\d+,"title":"team-a\/alpha\/lead"\}\n\[0\.000000, "o", /,
    );
    const { lines, alternate_screen: isAlternate, columns, rows } = await show(home, id);
    assert.deepEqual([isAlternate, columns, rows], [true, 100, 30]);
    assert.match(lines[0] ?? "", /lead/);
    assert.match(lines.join("\n"), /message \d+ words and more words/);
    // Its very beginning is a whole screen too.
    const opening = await show(home, id, "--at", "0s");
    assert.match(opening.lines[0] ?? "", /lead/);
  }
}

async function endsAsShown({ home, lead }: Stage): Promise<void> {
  await eventually("recording and terminal agree", async () => {
    const newest = (await list(home)).at(-1);
    const recorded = await show(home, newest?.id ?? "");
    const shown = withoutBlankEnd(await lead.lines());
    return recorded.lines.join("\n") === shown.join("\n");
  });
}

async function resized(stage: Stage, socketName: string): Promise<void> {
  await tmux(socketName, ["resize-window", "-t", "=lead:", "-x", "72", "-y", "20"]);
  await eventually("the newest has that size", async () => {
    const newest = (await list(stage.home)).at(-1);
    const { columns, rows } = await show(stage.home, newest?.id ?? "");
    return columns === 72 && rows === 20;
  });
  await endsAsShown(stage);
}

async function exports({ home }: Stage): Promise<void> {
  const [oldest] = await list(home);
  const output = join(home.folder, "out.cast");
  const end = await home.mosaic("sessions", "export", oldest?.id ?? "", "--output", output);
  assert.equal(end.exitCode, 0, end.stderr);
  assert.equal(await readFile(output, "utf8"), await readFile(oldest?.path ?? "", "utf8"));
  const text = await home.mosaic("sessions", "export", oldest?.id ?? "", "--format", "text");
  assert.match(text.stdout, /words and more words/);
  assert.equal((await home.mosaic("sessions", "export", oldest?.id ?? "", "--output", output)).exitCode, 1);
}

async function pruned({ home }: Stage): Promise<void> {
  const before = await list(home);
  const end = await home.mosaic("sessions", "prune", "--keep", "0", "--max-bytes", "0", "--dry-run", "--json");
  assert.equal(end.exitCode, 0, end.stderr);
  const answer = JSON.parse(end.stdout) as { items: ListedRecording[]; deleted: boolean };
  const finished = before.filter((each) => !each.is_being_written).map(({ id }) => id);
  assert.deepEqual([answer.items.map(({ id }) => id), answer.deleted, finished.length], [finished, false, 1]);
  assert.equal((await list(home)).length, before.length);
}

async function list(home: DaemonHome): Promise<readonly ListedRecording[]> {
  const end = await home.mosaic("sessions", "list", "--json");
  assert.equal(end.exitCode, 0, end.stderr);
  return (JSON.parse(end.stdout) as { items: ListedRecording[] }).items;
}

interface ShownRecording {
  readonly lines: readonly string[];
  readonly columns: number;
  readonly rows: number;
  readonly alternate_screen: boolean;
}

async function show(home: DaemonHome, id: string, ...more: string[]): Promise<ShownRecording> {
  const end = await home.mosaic("sessions", "show", id, "--json", ...more);
  assert.equal(end.exitCode, 0, end.stderr);
  return JSON.parse(end.stdout) as ShownRecording;
}

async function castFiles(home: DaemonHome): Promise<string[]> {
  return (await readdir(join(home.mosaicHome, "fleet/sessions/lead"))).filter((name) => name.endsWith(".cast"));
}

async function startStub(socketName: string, name: string): Promise<void> {
  const start = ["new-session", "-d", "-s", name, "-x", "100", "-y", "30", "-e", `MOSAIC_AGENT_NAME=${name}`, "--"];
  await tmux(socketName, [...start, process.execPath, STUB, "--alternate-screen", "--slow", "1"]);
}

function rosterText(socketName: string, recording: string): string {
  return `version: 1
transport: tmux
tenant: team-a
host: alpha
tmux:
  socket_name: ${socketName}
agents:
  - name: lead
    runtime: stub
    class: lead${recording === "" ? "" : `\n    recording: ${recording}`}
  - name: coder0
    runtime: stub
    class: worker
`;
}

function withoutBlankEnd(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
}
