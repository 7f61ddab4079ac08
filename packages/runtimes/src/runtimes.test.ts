import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { MosaicError, type ProcessFacts, ROSTER_RUNTIMES, type RosterAgent } from "@mosaic/core";
import type { LaunchContext } from "./contract.ts";
import { recogniseRuntime, runtimeNamed, runtimes } from "./registry.ts";
import { stubFlags } from "./stub/stub.ts";

const context: LaunchContext = {
  tenantId: "team-a",
  host: "alpha",
  mosaicHome: "/home/u/.config/mosaic",
  nodeSocketPath: "/run/user/1000/mosaic.sock",
  path: "/opt/tools/bin:/usr/bin",
  frameworkDirectory: "/opt/mosaic/framework",
  nodeProgram: "/opt/node/bin/node",
};

const agentOf = (runtime: string, extra: Partial<RosterAgent> = {}): RosterAgent => ({
  name: "coder0",
  runtime,
  agentClass: "",
  lifecycle: "core",
  workingDirectory: "~/src",
  resetBetweenTasks: false,
  limits: {},
  ...(runtime === "command" ? { command: ["python3", "agent.py", "two words"] } : {}),
  ...extra,
});

const processOf = (executable: string, command: string, ...args: string[]): ProcessFacts => ({
  pid: 7,
  executable,
  command,
  arguments: args,
  startTicks: 1,
});
const codexChild = processOf("/p/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex", "codex", "/p/codex");

// As measured: opencode and claude are one native process, pi and codex are Node processes that look like this.
const measured: Record<string, [ProcessFacts, ProcessFacts[]]> = {
  claude: [processOf("/p/claude-code/bin/claude.exe", "claude", "claude"), []],
  codex: [processOf("/usr/bin/node", "node", "node", "/p/.bin/codex", "--model", "x"), [codexChild]],
  opencode: [processOf("/p/opencode-ai/bin/opencode.exe", "opencode", "opencode"), []],
  pi: [processOf("/usr/bin/node", "pi", "pi"), []],
  stub: [
    processOf(
      "/opt/node/bin/node",
      "MainThread",
      "/opt/node/bin/node",
      "/opt/mosaic/framework/stub-agent/stub-agent.mjs",
      "--slow=5",
    ),
    [],
  ],
};

test("there is an adapter for exactly the runtimes a roster may name", () => {
  assert.deepEqual(runtimes.map((runtime) => runtime.name).toSorted(), [...ROSTER_RUNTIMES].toSorted());
  for (const name of ROSTER_RUNTIMES) assert.equal(runtimeNamed(name).name, name);
  assert.throws(
    () => runtimeNamed("claud"),
    (error: unknown) => error instanceof MosaicError && error.code === "ROSTER_INVALID",
  );
});

for (const runtime of runtimes) {
  test(`${runtime.name}: the launch line is plain arguments and a complete environment`, () => {
    for (const agent of [agentOf(runtime.name), agentOf(runtime.name, { modelHint: "some; $(model)" })]) {
      const { argv, env } = runtime.launch(agent, context);
      assert.ok(argv.length > 0 && argv[0] !== "" && argv.every((part) => typeof part === "string" && !part.includes("\0")));
      const { MOSAIC_AGENT_NAME, MOSAIC_TENANT, MOSAIC_HOST, MOSAIC_HOME, MOSAIC_NODE_SOCKET, PATH } = env;
      const ours = { MOSAIC_AGENT_NAME, MOSAIC_TENANT, MOSAIC_HOST, MOSAIC_HOME, MOSAIC_NODE_SOCKET, PATH };
      assert.deepEqual(ours, {
        MOSAIC_AGENT_NAME: "coder0",
        MOSAIC_TENANT: "team-a",
        MOSAIC_HOST: "alpha",
        MOSAIC_HOME: "/home/u/.config/mosaic",
        MOSAIC_NODE_SOCKET: "/run/user/1000/mosaic.sock",
        PATH: "/opt/tools/bin:/usr/bin",
      });
    }
  });

  test(`${runtime.name}: its telemetry names tenant, host and agent, before what the user says`, () => {
    const agent = agentOf(runtime.name, { name: "coder0" });
    const tagsWith = (extra: Partial<LaunchContext>) =>
      runtime.launch(agent, { ...context, ...extra }).env["OTEL_RESOURCE_ATTRIBUTES"];
    const ours = "mosaic.tenant=team-a,mosaic.host=alpha,mosaic.agent=coder0";
    assert.equal(tagsWith({}), ours);
    assert.equal(tagsWith({ resourceAttributes: "" }), ours);
    assert.equal(tagsWith({ resourceAttributes: "team=blue" }), `${ours},team=blue`);
    assert.equal(tagsWith({ tenantId: "a b,c=d" }), "mosaic.tenant=a%20b%2Cc%3Dd,mosaic.host=alpha,mosaic.agent=coder0");
  });

  test(`${runtime.name}: its own process is recognised, nobody else's is`, () => {
    for (const [name, [process, children]] of Object.entries(measured)) {
      assert.equal(runtime.recognises(process, children), name === runtime.name, `${runtime.name} about ${name}`);
    }
    const others = [
      processOf("/bin/bash", "bash", "-bash"),
      processOf("", ""),
      processOf("/usr/bin/node", "node", "node", "server.js"),
      processOf("/usr/bin/python3", "python3", "pi"),
    ];
    for (const other of others) assert.equal(runtime.recognises(other, []), false, other.executable);
  });

  test(`${runtime.name}: a reset command is one line that starts with a slash, where there is one`, () => {
    assert.match(runtime.resetCommand ?? "/none", /^\/\w+$/);
  });
}

test("each measured process is recognised as what it is, also when its file was replaced by an update", () => {
  for (const [name, [process, children]] of Object.entries(measured)) {
    assert.equal(recogniseRuntime(process, children), name);
    assert.equal(recogniseRuntime({ ...process, executable: `${process.executable} (deleted)` }, children), name);
  }
});

test("claude is recognised by its file and by its name, a file called by its version number included", () => {
  assert.equal(recogniseRuntime(processOf("/p/claude-code/bin/claude.exe", "MainThread", "claude"), []), "claude");
  assert.equal(recogniseRuntime(processOf("/home/u/.local/share/claude/versions/2.9.9", "claude", "claude"), []), "claude");
});

test("a program that only calls itself pi is not pi", () => {
  assert.equal(recogniseRuntime(processOf("/usr/bin/python3", "pi", "pi"), []), undefined);
});

test("codex is recognised by its script, by its child, and when it runs alone", () => {
  assert.equal(recogniseRuntime(processOf("/usr/bin/node", "node", "node", "/p/.bin/codex"), []), "codex");
  assert.equal(recogniseRuntime(processOf("/usr/bin/node", "node", "node", "/p/codex.js"), [codexChild]), "codex");
  assert.equal(recogniseRuntime(codexChild, []), "codex");
});

test("a model hint is handed to the program that understands it", () => {
  const argv = (runtime: string, modelHint: string): readonly string[] =>
    runtimeNamed(runtime).launch(agentOf(runtime, { modelHint }), context).argv;
  for (const runtime of ["claude", "codex", "opencode", "pi"]) {
    const words = argv(runtime, "opus");
    assert.equal(words[words.indexOf("--model") + 1], "opus", runtime);
  }
  assert.deepEqual(argv("command", "opus"), ["python3", "agent.py", "two words"]);
  assert.deepEqual(argv("stub", "slow=500"), [
    "/opt/node/bin/node",
    "/opt/mosaic/framework/stub-agent/stub-agent.mjs",
    "--slow=500",
  ]);
});

test("the stub's hint becomes flags, and behaviours for what is no flag", () => {
  assert.deepEqual(stubFlags(""), []);
  assert.deepEqual(stubFlags("alternate-screen, slow=500"), ["--alternate-screen", "--slow=500"]);
  assert.deepEqual(stubFlags("wedged,interval=1,die=3"), ["--interval=1", "--behave=wedged,die=3"]);
});

test("the stub's script is where its launch line says", () => {
  assert.ok(existsSync(new URL("../../../framework/stub-agent/stub-agent.mjs", import.meta.url)));
});

test("an agent without a command can't be launched as one", () => {
  const bare: RosterAgent = {
    name: "x",
    runtime: "command",
    agentClass: "",
    lifecycle: "core",
    workingDirectory: "/",
    resetBetweenTasks: false,
    limits: {},
  };
  assert.throws(() => runtimeNamed("command").launch(bare, context), /agent "x" has runtime command and no command/);
});
