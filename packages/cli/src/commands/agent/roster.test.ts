import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runCli } from "../../cli.ts";
import { memoryIo } from "../../io/memory-io.ts";

const home = mkdtempSync(join(tmpdir(), "mosaic roster-"));
after(() => rmSync(home, { recursive: true, force: true }));
mkdirSync(join(home, "fleet"));

async function roster(words: readonly string[], text?: string) {
  const path = join(home, "fleet/roster.yaml");
  if (text === undefined) rmSync(path, { force: true });
  else writeFileSync(path, text);
  const io = memoryIo({ env: { MOSAIC_HOME: home } });
  const exitCode = await runCli(["agent", "roster", ...words], io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, path };
}

const TEXT = `version: 1
transport: tmux
tenant: team-a
host: alpha
runtimes:
  claude: { reset_command: /reset }
defaults:
  limits: { memory_max: 4G }
agents:
  - name: lead
    runtime: claude
    class: orchestrator
    persistentPersona: true
    limits: { cpu_quota_percent: 200 }
  - name: tool
    runtime: command
    command: [top, -b]
    lifecycle: ephemeral
    working_directory: /srv
    recording: {}
`;

test("the agents are listed as they are understood, defaults filled in", async () => {
  const { exitCode, stdout, path } = await roster([], TEXT);
  assert.equal(exitCode, 0);
  assert.deepEqual(stdout.split("\n"), [
    "AGENT  RUNTIME   CLASS         LIFECYCLE  DIRECTORY  RESET   NOTES",
    "lead   claude    orchestrator  core       ~/src      /reset  keeps its persona; at most memory 4G, CPU 200 %",
    "tool   command   -             ephemeral  /srv       -       command: top -b; at most memory 4G; recorded",
    `2 agents of team-a/alpha on tmux socket mosaic-factory, from ${path}.`,
    "",
  ]);
});

test("the fields of mosaic.agent.roster/1", async () => {
  const { stdout, path } = await roster(["--json"], TEXT);
  const { items, ...rest } = JSON.parse(stdout);
  assert.deepEqual(rest, {
    schema: "mosaic.agent.roster/1",
    complete: true,
    path,
    tenant_id: "team-a",
    host: "alpha",
    tmux: { socket_name: "mosaic-factory", holder_session: "_holder" },
    hardening: {
      ...{ no_new_privileges: null, protect_system: null, umask: null },
      ...{ read_only_paths: [], read_write_paths: [], inaccessible_paths: [] },
    },
  });
  assert.deepEqual(items[1], {
    tenant_id: "team-a",
    host: "alpha",
    name: "tool",
    runtime: "command",
    class: "",
    lifecycle: "ephemeral",
    working_directory: "/srv",
    model_hint: null,
    command: ["top", "-b"],
    kickstart_template: null,
    persistent_persona: null,
    reset_between_tasks: false,
    reset_command: null,
    limits: { memory_max: "4G", memory_high: null, cpu_quota_percent: null, tasks_max: null },
    recording: { max_file_bytes: 10_485_760, max_files: 10 },
  });
});

test("what the runtime's adapter knows stands where the roster says nothing", async () => {
  const { stdout } = await roster(["--json"], "version: 1\ntransport: tmux\nagents: [{ name: a, runtime: pi }]\n");
  assert.equal(JSON.parse(stdout).items[0].reset_command, "/new");
});

test("what is wrong with the file is told with line and column", async () => {
  const { exitCode, stderr, path } = await roster([], TEXT.replace("runtime: claude\n", "runtime: clade\n"));
  assert.equal(exitCode, 1);
  assert.ok(stderr.startsWith(`mosaic: ${path}:11:5: agents[0].runtime "clade"`), stderr);
});

test("no file is an error with the command that makes one", async () => {
  const { exitCode, stderr, path } = await roster([]);
  assert.equal(exitCode, 1);
  assert.equal(stderr, `mosaic: there is no roster at ${path}\nhint: write one: mosaic fleet init --profile minimal --write\n`);
});

test("another file can be named", async () => {
  writeFileSync(join(home, "other.yaml"), TEXT);
  const { exitCode, stdout } = await roster(["--roster", join(home, "other.yaml")]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /from .*other\.yaml\.\n$/);
});
