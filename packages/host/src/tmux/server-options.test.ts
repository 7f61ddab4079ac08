import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { commandLine } from "./command-line.ts";
import { SERVER_OPTIONS } from "./server-options.ts";

const conf = readFileSync(new URL("../../../../framework/systemd/tmux.conf", import.meta.url), "utf8");

test("a server that systemd starts is set up like one that is started from here", () => {
  const lines = conf.split("\n").filter((line) => line.startsWith("set-option "));
  assert.deepEqual(
    lines.map((line) => commandLine(line.split(" ") as [string, ...string[]])),
    SERVER_OPTIONS,
  );
});
