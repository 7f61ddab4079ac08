import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aborted } from "@mosaic/core";
import { MosaicError } from "@mosaic/core/light";
import type { FleetHandlers } from "@mosaic/rpc";
import { type TailRequest, type TailResponse, TailResponseSchema } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const NODE = "unix:/home/ada/.config/mosaic/fleet/run/node.sock";
const agent = { tenantId: "team-a", host: "alpha", name: "lead" };
const lines = (texts: string[], isFirst = false): TailResponse =>
  create(TailResponseSchema, { lines: texts, ...(isFirst ? { agent } : {}) });

type Tail = FleetHandlers["tail"];

function start(argv: string[], tail: Tail) {
  const io = memoryIo();
  const remote = memoryRemote({ [NODE]: { streams: { tail } } });
  return { io, running: runCli(["agent", "tail", ...argv], io, { deps: { remote } }) };
}

test("the text of an agent is printed without escapes", async () => {
  let asked: TailRequest | undefined;
  const { io, running } = start(["alpha/lead", "-n", "5"], async function* (request) {
    asked = request;
    yield lines(["plain", "\x1b[31mred\x1b[0m\x1b]0;x\x07", ""], true);
    yield lines(["more"]);
  });
  assert.equal(await running, 0);
  assert.equal(io.stdout.text, "plain\nred\n\nmore\n");
  assert.deepEqual([asked?.agent?.host, asked?.agent?.name, asked?.lines, asked?.follow], ["alpha", "lead", 5, false]);
});

test("the fields of mosaic.agent.tail/1", async () => {
  const { io, running } = start(["lead", "--json"], async function* () {
    yield lines(["a"], true);
    yield lines(["b"]);
  });
  assert.equal(await running, 0);
  assert.deepEqual(JSON.parse(io.stdout.text), {
    schema: "mosaic.agent.tail/1",
    complete: true,
    tenant_id: "team-a",
    host: "alpha",
    name: "lead",
    alternate_screen: false,
    lines: ["a", "b"],
  });
});

test("--follow prints as lines come, until Ctrl-C, which ends the call at the server too", async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const { io, running } = start(["lead", "--follow"], async function* (_request, { signal }) {
    try {
      yield lines(["first"], true);
      await aborted(signal);
    } finally {
      end();
    }
  });
  await io.stdout.shows(/first\n/);
  io.interrupt(new MosaicError("CANCELLED", "interrupted"));
  assert.equal(await running, 130);
  await ended;
  assert.equal(io.stderr.text, "");
});

test("--follow --jsonl names the agent in every line", async () => {
  const { io, running } = start(["lead", "--follow", "--jsonl"], async function* () {
    yield lines(["a"], true);
    yield lines(["b", "c"]);
  });
  assert.equal(await running, 0);
  const told = io.stdout.text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    told.map((line) => [line.host, line.lines]),
    [
      ["alpha", ["a"]],
      ["alpha", ["b", "c"]],
    ],
  );
});

test("an error of the server is told with its code", async () => {
  const { io, running } = start(["lead"], () => {
    throw new MosaicError("AGENT_NOT_FOUND", 'no agent "lead"', { hint: "did you mean leda?" });
  });
  assert.equal(await running, 1);
  assert.equal(io.stderr.text, 'mosaic: no agent "lead"\nhint: did you mean leda?\n');
});

test("counts and flags that make no sense are refused", async () => {
  const never: Tail = async function* () {};
  for (const argv of [["lead", "-n", "0"], ["lead", "-n", "10001"], ["lead", "--follow", "--json"], []])
    assert.equal(await start(argv, never).running, 2);
});
