import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MosaicError } from "../errors.ts";
import { parseRoster } from "./parse-roster.ts";
import type { Roster } from "./roster.ts";

const options = { file: "roster.yaml", defaultTenant: "ada", defaultHost: "atlas" };
const parse = (text: string): Roster => parseRoster(text, options);
const example = (name: string): string =>
  readFileSync(new URL(`../../../../framework/fleet/examples/${name}`, import.meta.url), "utf8");

function refusal(text: string): { lines: string[]; hint: string } {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof MosaicError && error.code === "ROSTER_INVALID", String(error));
    return { lines: error.message.split("\n"), hint: error.hint ?? "" };
  }
  throw new Error(`accepted: ${text.slice(0, 200)}`);
}

const head = "version: 1\ntransport: tmux\n";

test("the minimal example is one canary, with every default filled in", () => {
  assert.deepEqual(parse(example("minimal.yaml")), {
    version: 1,
    transport: "tmux",
    tenantId: "ada",
    host: "atlas",
    socketName: "mosaic-factory",
    holderSession: "_holder",
    agents: [
      {
        name: "canary0",
        runtime: "stub",
        agentClass: "canary",
        lifecycle: "core",
        workingDirectory: "~/src",
        resetBetweenTasks: false,
        limits: {},
      },
    ],
    runtimes: {},
    hardening: {},
  });
});

test("the local-canary example is a lead, a coder and a reviewer", () => {
  const roster = parse(example("local-canary.yaml"));
  assert.deepEqual(
    roster.agents.map((agent) => agent.name),
    ["lead", "coder0", "reviewer0"],
  );
  assert.deepEqual(roster.runtimes, {
    claude: { resetCommand: "/clear" },
    codex: { resetCommand: "/clear" },
    pi: { resetCommand: "/new" },
  });
});

const everything = `${head}tenant: team-a
host: gamma.example
tmux: { socket_name: other, holder_session: keep }
defaults: { working_directory: /srv, limits: { memory_max: 4G, tasks_max: 100 } }
hardening: { no_new_privileges: true, protect_system: strict, read_write_paths: [~/src], umask: "0077" }
runtimes: { pi: { reset_command: /new }, claude: {} }
agents:
  - name: A_b.c-9
    runtime: command
    class: canary
    lifecycle: ephemeral
    working_directory: ~/x
    model_hint: big
    kickstart_template: "line one\\nline two"
    persistent_persona: grumpy
    reset_between_tasks: true
    limits: { memory_max: 50%, memory_high: 1G, cpu_quota_percent: 150 }
    recording: { max_files: 3 }
    command: [python3, "", "two words"]
  - { name: plain, runtime: codex, persistent_persona: false }
`;

const everythingRead: Roster = {
  version: 1,
  transport: "tmux",
  tenantId: "team-a",
  host: "gamma.example",
  socketName: "other",
  holderSession: "keep",
  agents: [
    {
      name: "A_b.c-9",
      runtime: "command",
      agentClass: "canary",
      lifecycle: "ephemeral",
      workingDirectory: "~/x",
      modelHint: "big",
      command: ["python3", "", "two words"],
      kickstartTemplate: "line one\nline two",
      persistentPersona: "grumpy",
      resetBetweenTasks: true,
      limits: { memoryMax: "50%", memoryHigh: "1G", cpuQuotaPercent: 150, tasksMax: 100 },
      recording: { maxFileBytes: 10_485_760, maxFiles: 3 },
    },
    {
      name: "plain",
      runtime: "codex",
      agentClass: "",
      lifecycle: "core",
      workingDirectory: "/srv",
      persistentPersona: false,
      resetBetweenTasks: false,
      limits: { memoryMax: "4G", tasksMax: 100 },
    },
  ],
  runtimes: { pi: { resetCommand: "/new" }, claude: {} },
  hardening: { noNewPrivileges: true, protectSystem: "strict", readWritePaths: ["~/src"], umask: "0077" },
};

test("every key is read", () => {
  assert.deepEqual(parse(everything), everythingRead);
});

test("every snake_case key may be written in camelCase, and JSON is read too", () => {
  const camel = everything.replace(/\b([a-z]+(?:_[a-z]+)+):/g, (key) =>
    key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  );
  assert.doesNotMatch(camel, /[a-z]_[a-z]+:/);
  assert.deepEqual(parse(camel), everythingRead);
  assert.equal(
    parse(JSON.stringify({ version: 1, transport: "tmux", agents: [{ name: "a", runtime: "pi" }] })).agents[0]?.runtime,
    "pi",
  );
});

test("anchors may be used, and a problem behind an alias is shown where the alias stands", () => {
  const shared = `${head}agents:\n  - &a { name: a, runtime: stub, model_hint: &hint fast }\n  - { name: b, runtime: stub, model_hint: *hint }\n`;
  assert.equal(parse(shared).agents[1]?.modelHint, "fast");
  assert.deepEqual(refusal(`${shared}  - *a\n`).lines, ['roster.yaml:6:5: agents[2].name "a" is already the name of agents[0]']);
});

test("one wrong thing is told with file, line, column, what, the value, and a cure", () => {
  const agents = (...lines: string[]): string => `${head}agents:\n  - name: a\n    runtime: stub\n${lines.join("\n")}\n`;
  const cases: [string, string, RegExp][] = [
    [agents("  - name: a b", "    runtime: stub"), '6:5: agents[1].name "a b" must match ^[A-Za-z0-9_.-]+$', /characters/],
    [agents("    clas: lead"), "6:5: agents[0].clas is not a key of a roster", /did you mean class\?/],
    [
      agents("    workingdirectory: x"),
      "6:5: agents[0].workingdirectory is not a key of a roster",
      /did you mean workingDirectory\?/,
    ],
    [
      agents("    zzz: x"),
      "6:5: agents[0].zzz is not a key of a roster",
      /^known here: name, runtime, class, lifecycle, working_directory, .*command$/,
    ],
    [agents("    __proto__: x"), "6:5: agents[0].__proto__ is not a key of a roster", /known here/],
    [
      agents("    working_directory: x", "    workingDirectory: y"),
      "6:5: agents[0].working_directory is also given as workingDirectory",
      /keep one/,
    ],
    [agents("    lifecycle: forever"), '6:5: agents[0].lifecycle "forever" must be one of core, ephemeral', /choose/],
    [agents("    reset_between_tasks: yes"), '6:5: agents[0].reset_between_tasks must be true or false, not "yes"', /./],
    [agents("    model_hint:"), "6:5: agents[0].model_hint must be a string, not null", /remove the key/],
    [agents("    class: 7"), "6:5: agents[0].class must be a string, not 7", /in quotes: "7"/],
    [
      agents("    persistent_persona: []"),
      "6:5: agents[0].persistent_persona must be true or false or a string, not a list",
      /./,
    ],
    [agents("    command: [x]"), "6:5: agents[0].command is only for runtime command", /runtime: command/],
    [agents("  - name: b"), "6:5: agents[1] has no runtime", /add to agents\[1\]: runtime: claude/],
    [agents("  - runtime: pi"), "6:5: agents[1] has no name", /add to agents\[1\]: name: /],
    [
      agents("  - { name: b, runtime: claud }"),
      '6:16: agents[1].runtime "claud" must be one of claude, codex, opencode, pi, stub, command',
      /did you mean claude\?/,
    ],
    [
      agents("  - { name: b, runtime: command }"),
      "6:5: agents[1] has no command, which runtime command needs",
      /command: \["program"/,
    ],
    [agents("  - { name: b, runtime: command, command: [] }"), "6:34: agents[1].command is empty", /one entry/],
    [
      agents("  - { name: b, runtime: command, command: [''] }"),
      '6:44: agents[1].command[0] "" must be one line of text, and not empty',
      /./,
    ],
    [agents("  - { name: b, runtime: command, command: ls -l }"), '6:34: agents[1].command must be a list, not "ls -l"', /./],
    [agents("  - just text"), '6:5: agents[1] must be a mapping, not "just text"', /./],
    [agents("  - { name: a, runtime: pi }"), '6:7: agents[1].name "a" is already the name of agents[0]', /of its own/],
    [agents("  - { name: _holder, runtime: pi }"), '6:7: agents[1].name "_holder" is the name of tmux.holder_session', /rename/],
    [
      agents(`  - { name: ${"n".repeat(201)}, runtime: pi }`),
      `6:7: agents[1].name "${"n".repeat(80)}…" must be at most 200 characters long`,
      /./,
    ],
    [
      agents("tmux: { socket_name: default }"),
      '6:9: tmux.socket_name "default" must not be that: the default tmux server is never touched',
      /leave the key out/,
    ],
    [agents("tmux: { socket_name: a/b }"), '6:9: tmux.socket_name "a/b" must match ^[A-Za-z0-9_-][A-Za-z0-9_.-]*$', /./],
    [agents("tmux: { holder_session: a.b }"), '6:9: tmux.holder_session "a.b" must match ^[A-Za-z0-9_-]+$', /./],
    [
      agents('runtimes: { pi: { reset_command: "/new\\n" } }'),
      '6:19: runtimes.pi.reset_command "/new\\n" must be one line of text, and not empty',
      /./,
    ],
    [agents("runtimes: { cluade: {} }"), "6:13: runtimes.cluade is not a key of a roster", /did you mean claude\?/],
    [agents("host: a b"), '6:1: host "a b" must match ^[A-Za-z0-9_.-]+$', /./],
    [agents("? [a]", ": 1"), "6:3: the text has a key that is no plain text", /one word/],
    [agents(": 1"), '6:1: [""] is not a key of a roster', /known here/],
    [agents("name: x", "name: y"), "7:1: the text has the key name twice", /remove one/],
    [agents("    runtime: pi"), "6:5: the text has the key runtime twice", /remove one/],
    [agents("host: !secret x"), "6:7: the text can't be read as YAML", /Unresolved tag: !secret/],
    [agents("host: *x"), "1:1: the text has aliases that can't be followed", /Unresolved alias/],
    [agents("host: 'x"), "7:1: the text can't be read as YAML", /quote/],
    [agents("---", "x: 1"), "6:1: the text can't be read as YAML", /multiple documents/],
    [
      "version: '1'\ntransport: tmux\nagents: [{ name: a, runtime: pi }]",
      '1:1: version "1" must be 1',
      /version: 1, without quotes/,
    ],
    ["version: 2\ntransport: tmux\nagents: [{ name: a, runtime: pi }]", "1:1: version 2 must be 1", /./],
    ["version: 1\ntransport: ssh\nagents: [{ name: a, runtime: pi }]", '2:1: transport "ssh" must be tmux', /./],
    [`${head}agents: []`, "3:1: agents is empty", /one entry/],
    [`# mine\n${head}`, "2:1: the roster has no agents", /add to the roster: agents:/],
    ["- name: a\n", "1:1: the roster must be a mapping, not a list", /./],
    ["just text", '1:1: the roster must be a mapping, not "just text"', /./],
    ["", "1:1: the roster is empty", /mosaic fleet init/],
    ["# nothing yet\n", "1:1: the roster is empty", /mosaic fleet init/],
  ];
  for (const [text, expected, hint] of cases) {
    const { lines, hint: said } = refusal(text);
    assert.deepEqual(lines, [`roster.yaml:${expected}`], text);
    assert.match(said, hint, text);
  }
});

test("several problems are told in the file's order, 20 of them at most", () => {
  const { lines, hint } = refusal("versio: 1\nagents:\n  - nam: a\n    runtime: pi\n  - name: c d\n    runtime: x\n");
  assert.deepEqual(
    lines.map((line) => line.split(" ")[0]),
    ["1:1", "1:1", "1:1", "3:5", "3:5", "5:5", "6:5"].map((at) => `roster.yaml:${at}:`),
  );
  assert.notEqual(hint, "");
  const many = refusal(`${head}agents:\n${"  - { name: a b, runtime: pi }\n".repeat(50)}`).lines;
  assert.equal(many.length, 21);
  assert.equal(many.at(-1), "and more");
});

test("Windows line ends, a byte order mark and tabs in flow are no trouble", () => {
  assert.equal(parse(`\uFEFF${everything.replaceAll("\n", "\r\n")}`).agents.length, 2);
});
