import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDaemonFlags } from "./daemon-flags.ts";

test("a daemon takes the common flags and its own", () => {
  const flags = parseDaemonFlags("mosaic-node", ["--roster", "r.yaml", "--listen", "a:1", "--listen", "b:2"], ["roster"]);
  assert.deepEqual({ ...flags }, { "log-level": "info", roster: "r.yaml", listen: ["a:1", "b:2"] });
});

test("a flag that takes nothing is there or not", () => {
  const parse = (argv: string[]) => parseDaemonFlags("mosaic-node", argv, ["roster"], ["no-systemd"])["no-systemd"];
  assert.deepEqual([parse(["--no-systemd"]), parse([])], [true, undefined]);
  assert.throws(() => parse(["--no-systemd=yes"]), { code: "USAGE" });
});

test("an unknown flag, a stray word and an unknown log level are usage errors with a hint", () => {
  for (const argv of [["--rooster", "x"], ["word"], ["--log-level", "loud"], ["--host"]]) {
    assert.throws(() => parseDaemonFlags("mosaic-node", argv, ["roster"]), { code: "USAGE", hint: "mosaic-node --help" });
  }
});
