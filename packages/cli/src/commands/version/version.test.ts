import assert from "node:assert/strict";
import { test } from "node:test";
import { runCli } from "../../cli.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { type MemoryServer, memoryRemote } from "../../remote/memory-remote.ts";

const RUN = "unix:/home/ada/.config/mosaic/fleet/run";
const node: MemoryServer = {
  unary: { Info: () => ({ role: "ROLE_NODE", version: "1.2.3", protocolVersion: 1, host: "alpha", id: "i", uptimeMs: "90000" }) },
};

async function version(line: string, servers: Record<string, MemoryServer>) {
  const io = memoryIo();
  const exitCode = await runCli(["version", ...line.split(" ").filter(Boolean)], io, { deps: { remote: memoryRemote(servers) } });
  return { exitCode, stdout: io.stdout.text };
}

test("the version of the command asks nobody", async () => {
  const { exitCode, stdout } = await version("", { [`${RUN}/node.sock`]: node });
  assert.equal(exitCode, 0);
  assert.match(stdout, /^mosaic \S+\n$/);
});

test("--all names the daemons that answer, and leaves out the others", async () => {
  const { stdout } = await version("--all", { [`${RUN}/node.sock`]: node });
  assert.match(stdout, /^mosaic \S+\nmosaic-node 1\.2\.3 \(contract 1\) on alpha, up 1m, at unix:\S+\/node\.sock\n$/);
  const answer = JSON.parse((await version("--all --json", { [`${RUN}/node.sock`]: node })).stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "version", "servers"]);
  assert.deepEqual(Object.keys(answer.servers[0]), [
    "endpoint",
    "role",
    "version",
    "protocol_version",
    "host",
    "id",
    "uptime_ms",
  ]);
  assert.match((await version("--all", {})).stdout, /^mosaic \S+\n$/);
});
