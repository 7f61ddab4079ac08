import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromJson } from "@bufbuild/protobuf";
import { FleetService, HostStatusSchema, WatchResponseSchema } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { hostJson } from "../../fleet/builders-for-tests.ts";
import { type MemoryIoOptions, memoryIo } from "../../io/memory-io.ts";
import { type MemoryServer, memoryRemote } from "../../remote/memory-remote.ts";
import { METHOD_SUMMARIES } from "./method-summaries.ts";

const NODE = "unix:/home/ada/.config/mosaic/fleet/run/node.sock";

async function call(argv: string[], server: MemoryServer, options: MemoryIoOptions = {}) {
  const io = memoryIo(options);
  const remote = memoryRemote({ [NODE]: server });
  const exitCode = await runCli(["gateway", "call", ...argv], io, { deps: { remote } });
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, request: remote.calls.at(-1)?.request };
}

test("every method of the contract is listed with what it does", async () => {
  const { stdout } = await call([], {});
  assert.deepEqual(
    Object.keys(METHOD_SUMMARIES),
    FleetService.methods.map((method) => method.name),
  );
  assert.match(stdout, /^Info {12}unary {3}who answers/);
  assert.match(stdout, /^WatchTerminal {3}stream {2}/m);
  assert.equal(stdout.trimEnd().split("\n").length, FleetService.methods.length);
});

test("a unary method is called with JSON, by any case of its name and either form of its fields", async () => {
  const server: MemoryServer = { unary: { List: () => ({ rev: "7" }), Info: () => ({ role: "ROLE_NODE" }) } };
  const { exitCode, stdout, request } = await call(
    ["lIsT", '{"selector":{"tenant_ids":["a"],"hosts":["h"]},"pageSize":3}'],
    server,
  );
  assert.deepEqual([exitCode, stdout], [0, '{"rev":"7"}\n']);
  assert.deepEqual(request, { selector: { tenantIds: ["a"], hosts: ["h"] }, pageSize: 3 });
  assert.equal((await call(["status"], server)).stdout, '{"role":"ROLE_NODE"}\n');
  assert.deepEqual((await call(["List", "-"], server, { files: { "-": '{"live":true}\n' } })).request, { live: true });
  assert.deepEqual(JSON.parse((await call(["Info", "--json"], server)).stdout), {
    schema: "mosaic.gateway.call/1",
    complete: true,
    method: "Info",
    trace_id: null,
    response: { role: "ROLE_NODE" },
  });
});

test("a stream is printed as JSON lines", async () => {
  const server: MemoryServer = {
    streams: {
      async *watch(request) {
        assert.deepEqual(request.selector?.hosts, ["alpha"]);
        yield create(WatchResponseSchema, { frame: { case: "reset", value: { epoch: "e1" } } });
        yield create(WatchResponseSchema, {
          frame: { case: "host", value: fromJson(HostStatusSchema, hostJson("alpha")) },
          rev: 2n,
        });
      },
    },
  };
  const { exitCode, stdout } = await call(["Watch", '{"selector":{"hosts":["alpha"]}}'], server);
  assert.equal(exitCode, 0);
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(lines[0], { reset: { epoch: "e1" } });
  assert.deepEqual([lines[1].host.host, lines[1].rev], ["alpha", "2"]);
});

test("a misspelt method or field is refused before anything is called", async () => {
  const misspelt = await call(["Lits"], {});
  assert.deepEqual([misspelt.exitCode, misspelt.request], [2, undefined]);
  assert.match(misspelt.stderr, /FleetService has no method "Lits"\nhint: did you mean List\?/);
  const field = await call(["List", '{"selektor":{}}'], {});
  assert.deepEqual([field.exitCode, field.request], [2, undefined]);
  assert.match(field.stderr, /not a ListRequest: .*selektor/);
  assert.equal((await call(["List", "{"], {})).exitCode, 2);
});

test("a method that talks both ways is refused, with what to use", async () => {
  const { exitCode, stderr } = await call(["attachterminal"], {});
  assert.equal(exitCode, 2);
  assert.match(stderr, /AttachTerminal talks both ways.*\nhint: use mosaic agent attach/);
});

test("a stream is not asked for over Connect, and a protocol that is not known is refused", async () => {
  const stream = await call(["Watch", "--protocol", "connect"], {});
  assert.deepEqual([stream.exitCode, stream.request], [2, undefined]);
  assert.match(stream.stderr, /Watch is a stream, and this command reads streams over gRPC/);
  assert.equal((await call(["Info", "--protocol", "soap"], {})).exitCode, 2);
});

test("the names of the methods are completed by shells", async () => {
  const io = memoryIo();
  assert.equal(await runCli(["completion", "bash"], io), 0);
  assert.match(io.stdout.text, /words="Info List Watch /);
});
