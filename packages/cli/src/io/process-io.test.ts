import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const PROBE = `
  const { processIo } = await import(${JSON.stringify(import.meta.resolve("./process-io.ts"))});
  const { stdout } = processIo();
  stdout.write(JSON.stringify([stdout.isTerminal, stdout.columns ?? "none", stdout.rows ?? "none"]));
`;

test("a terminal that has not been told its size has none, rather than no room", async () => {
  // Makes a terminal, and as its own input is none leaves its size at 0 x 0, as `docker exec -t` and ssh in scripts do.
  const env = { ...process.env, PROBE_NODE: process.execPath, PROBE };
  const command = '"$PROBE_NODE" --input-type=module --eval "$PROBE"';
  const child = promisify(execFile)("script", ["--quiet", "--return", "--command", command, "/dev/null"], { env });
  child.child.stdin?.end();
  const { stdout } = await child;
  assert.deepEqual(JSON.parse(stdout.slice(0, stdout.indexOf("]") + 1)), [true, "none", "none"]);
});
