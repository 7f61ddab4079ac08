import assert from "node:assert/strict";
import { test } from "node:test";
import { ERROR_CODES, type ErrorCode, MosaicError } from "@mosaic/core/light";
import { type CliOptions, runCli } from "./cli.ts";
import type { Command, CommandDeps, CommandResult, Invocation } from "./command.ts";
import { type Io, OutputClosed } from "./io/io.ts";
import { type MemoryIoOptions, memoryIo } from "./io/memory-io.ts";

type Run = (invocation: Invocation, io: Io, deps: CommandDeps) => Promise<CommandResult>;

/** A command line over one made-up command, `mosaic thing do`. */
async function cli(line: string, run: Run, options: MemoryIoOptions = {}, cliOptions: CliOptions = {}) {
  const io = memoryIo(options);
  const command: Command = {
    path: ["thing", "do"],
    summary: "does a thing",
    description: "It really does.",
    args: [{ name: "what", help: "the thing", isOptional: true }],
    flags: [{ name: "jsonl", kind: "boolean", help: "lines" }],
    examples: [],
    schema: "mosaic.thing/1",
    load: async () => ({ run }),
  };
  const exitCode = await runCli(line === "" ? [] : line.split(" "), io, { commands: [command], ...cliOptions });
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

const result: CommandResult = {
  exitCode: 3,
  envelope: { schema: "mosaic.thing/1", complete: false, name: "a\u009b" },
  lines: () => [{ n: 1 }, { n: 2 }],
  text: ({ columns, style }) => `${style("bad", "text")} ${columns}\n`,
  notes: ["a note\x1b[2J"],
};

test("a result is printed in the form that was asked for; notes go to stderr in every form", async () => {
  const run = async () => result;
  const notes = "a note\\x1b[2J\n";
  assert.deepEqual(await cli("thing do", run), { exitCode: 3, stdout: "text undefined\n", stderr: notes });
  assert.deepEqual(await cli("thing do --json", run), {
    exitCode: 3,
    stdout: '{"schema":"mosaic.thing/1","complete":false,"name":"a\\u009b"}\n',
    stderr: notes,
  });
  assert.deepEqual(await cli("thing do --jsonl", run), { exitCode: 3, stdout: '{"n":1}\n{"n":2}\n', stderr: notes });
});

test("a terminal gets its width and colours, unless it is told otherwise", async () => {
  const run = async () => result;
  const terminal = { columns: 90, rows: 20 };
  assert.equal((await cli("thing do", run, { terminal })).stdout, "\x1b[31mtext\x1b[0m 90\n");
  assert.equal((await cli("thing do --no-color", run, { terminal, env: { COLUMNS: "70" } })).stdout, "text 70\n");
  assert.equal((await cli("thing do", run, { env: { COLUMNS: "70" } })).stdout, "text undefined\n");
  assert.match((await cli("thing do --json", run, { terminal })).stdout, /^{\n {2}"schema"/);
});

test("every error has its exit code, and is told on stderr with its hint", async () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const { exitCode, stdout, stderr } = await cli("thing do", async () => {
      throw new MosaicError(code, 'cannot do "x"', { hint: "try y" });
    });
    assert.equal(exitCode, ERROR_CODES[code].exit, code);
    assert.deepEqual([stdout, stderr], ["", 'mosaic: cannot do "x"\nhint: try y\n']);
  }
});

test("with --json an error is an envelope on stdout too", async () => {
  const candidates = [{ tenantId: "team-a", host: "alpha", name: "lead" }];
  const run = async () => {
    throw new MosaicError("AGENT_AMBIGUOUS", "which?", { candidates });
  };
  const { exitCode, stdout } = await cli("thing do --json", run);
  assert.equal(exitCode, 2);
  assert.deepEqual(JSON.parse(stdout), {
    schema: "mosaic.error/1",
    code: "AGENT_AMBIGUOUS",
    message: "which?",
    hint: null,
    candidates: [{ tenant_id: "team-a", host: "alpha", name: "lead" }],
  });
  assert.deepEqual(Object.keys(JSON.parse((await cli("thing do --jsonl --nope", run)).stdout)), [
    "schema",
    "code",
    "message",
    "hint",
    "candidates",
  ]);
});

test("text of another machine can't act on the terminal through an error", async () => {
  const run = async () => {
    throw new MosaicError("BUSY", "a\x1b]0;x\x07b\nsecond", { hint: "h\x9b1m" });
  };
  assert.equal((await cli("thing do", run)).stderr, "mosaic: a\\x1b]0;x\\x07b\n  second\nhint: h\\x9b1m\n");
});

test("what a command did not expect is INTERNAL, and its cause is told only when asked for", async () => {
  const run = async () => {
    throw new TypeError("undefined is not a function", { cause: new Error("deep down") });
  };
  const { exitCode, stderr } = await cli("thing do", run);
  assert.deepEqual(
    [exitCode, stderr],
    [
      1,
      "mosaic: undefined is not a function\nhint: this is a fault of Mosaic: repeat it with --verbose, and report what that says\n",
    ],
  );
  for (const told of [await cli("thing do --verbose", run), await cli("thing do", run, { env: { MOSAIC_DEBUG: "1" } })]) {
    assert.match(told.stderr, /code: INTERNAL/);
    assert.match(told.stderr, /caused by: TypeError: undefined is not a function/);
    assert.match(told.stderr, /caused by: Error: deep down/);
  }
});

test("Ctrl-C is exit 130 without a word, and a reader that goes away is no error", async () => {
  const waiting: Run = (_invocation, io) =>
    new Promise((_resolve, reject) => io.signal.addEventListener("abort", () => reject(io.signal.reason)));
  const endedBy = async (reason: unknown) => {
    const io = memoryIo();
    const command: Command = {
      path: ["x"],
      summary: "",
      description: "",
      args: [],
      flags: [],
      examples: [],
      schema: "",
      load: async () => ({ run: waiting }),
    };
    const running = runCli(["x"], io, { commands: [command] });
    await new Promise((resolve) => setImmediate(resolve));
    io.interrupt(reason);
    return [await running, io.stdout.text, io.stderr.text];
  };
  assert.deepEqual(await endedBy(new MosaicError("CANCELLED", "interrupted")), [130, "", ""]);
  assert.deepEqual(await endedBy(new OutputClosed("gone")), [0, "", ""]);
});

test("--help is there at every level, also for whoever got the flags wrong", async () => {
  const run: Run = async () => assert.fail("it ran");
  for (const line of ["thing do --help", "thing do -h --nope", "--help thing do"]) {
    const { exitCode, stdout } = await cli(line, run);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^mosaic thing do: does a thing\n\nUsage: mosaic thing do \[what\] \[flags\]\n/);
  }
  assert.match((await cli("", run)).stdout, /^mosaic: fleets of.*\n\nUsage: mosaic <command>/);
  assert.match((await cli("thing --help", run)).stdout, /^Usage: mosaic thing <verb> \[flags\]/);
});

test("a command line that is not one is exit 2, with the way on", async () => {
  const run: Run = async () => assert.fail("it ran");
  assert.deepEqual(await cli("thing", run), {
    exitCode: 2,
    stdout: "",
    stderr: "mosaic: mosaic thing needs a verb: do\nhint: see mosaic thing --help\n",
  });
  assert.deepEqual(await cli("think do", run), {
    exitCode: 2,
    stdout: "",
    stderr: "mosaic: no such command: mosaic think\nhint: did you mean mosaic thing?\n",
  });
  assert.deepEqual(await cli("thing do --jsno", run), {
    exitCode: 2,
    stdout: "",
    stderr: "mosaic: unknown flag --jsno\nhint: did you mean --json?\n",
  });
  assert.equal((await cli("thing do a b", run)).exitCode, 2);
  assert.equal((await cli("--nope", run)).exitCode, 2);
});

test("--version is one line", async () => {
  assert.match((await cli("--version", async () => result)).stdout, /^mosaic \d+\.\d+\.\d+\S*\n$/);
  assert.equal(JSON.parse((await cli("--version --json", async () => result)).stdout).schema, "mosaic.version/1");
});

test("the home is --mosaic-home, else MOSAIC_HOME, else below the user's", async () => {
  const homeOf = async (line: string, env: Record<string, string> = {}) => {
    let home = "";
    const { exitCode } = await cli(
      line,
      async ({ globals }) => {
        home = globals.mosaicHome;
        return { exitCode: 0 };
      },
      { env },
    );
    return exitCode === 0 ? home : exitCode;
  };
  assert.equal(await homeOf("thing do"), "/home/ada/.config/mosaic");
  assert.equal(await homeOf("thing do", { MOSAIC_HOME: "/srv/m" }), "/srv/m");
  assert.equal(await homeOf("thing do --mosaic-home rel", { MOSAIC_HOME: "/srv/m" }), "/home/ada/rel");
  assert.equal(await homeOf("thing do --mosaic-home ~/x"), "/home/ada/x");
  assert.equal(await homeOf("thing do", { HOME: "" }), 2);
});

test("--project-state is a home below the folder one is in; --roster names a file of its own", async () => {
  const placesOf = async (line: string, env: Record<string, string> = {}) => {
    let places: readonly string[] = [];
    const run: Run = async ({ globals }) => {
      places = [globals.mosaicHome, globals.rosterPath];
      return { exitCode: 0 };
    };
    const { exitCode, stderr } = await cli(line, run, { env });
    return exitCode === 0 ? places : stderr;
  };
  assert.deepEqual(await placesOf("thing do"), ["/home/ada/.config/mosaic", "/home/ada/.config/mosaic/fleet/roster.yaml"]);
  const project = ["/home/ada/.mosaic", "/home/ada/.mosaic/fleet/roster.yaml"];
  assert.deepEqual(await placesOf("thing do --project-state"), project);
  assert.deepEqual(await placesOf("--project-state thing do", { MOSAIC_HOME: "/srv/m", HOME: "" }), project);
  assert.deepEqual(await placesOf("--roster r.yaml thing do"), ["/home/ada/.config/mosaic", "/home/ada/r.yaml"]);
  assert.deepEqual(await placesOf("thing do --roster ~/r.yaml --project-state"), ["/home/ada/.mosaic", "/home/ada/r.yaml"]);
  assert.match(String(await placesOf("thing do --project-state --mosaic-home x")), /name two homes\nhint: leave one of them out/);
});

test("the command is handed the trace of its caller, and nothing is traced unless it is asked for", async () => {
  const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  let seen: Pick<CommandDeps, "traceparent" | "tracer"> | undefined;
  await cli(
    "thing do",
    async (_invocation, _io, deps) => {
      seen = deps;
      return { exitCode: 0 };
    },
    { env: { TRACEPARENT: traceparent } },
  );
  assert.equal(seen?.traceparent, traceparent);
  assert.equal(seen?.tracer.startSpan("x").traceparent, undefined);
});
