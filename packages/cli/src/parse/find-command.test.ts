import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core/light";
import { COMMANDS } from "../command-table/command-table.ts";
import { checkArguments } from "./check-arguments.ts";
import { findCommand } from "./find-command.ts";

function found(...argv: string[]): unknown[] {
  const result = findCommand(argv, COMMANDS);
  return result.kind === "command"
    ? [result.command.path.join(" "), ...result.rest]
    : [`group:${result.path.join(" ")}`, ...result.rest];
}

function hintFor(...argv: string[]): string | undefined {
  try {
    findCommand(argv, COMMANDS);
  } catch (error) {
    assert.ok(error instanceof MosaicError && error.code === "USAGE");
    return error.hint;
  }
  return assert.fail(`found: ${argv.join(" ")}`);
}

test("flags may stand before, between and after the words of a command", () => {
  assert.deepEqual(found("fleet", "ps", "--json"), ["fleet ps", "--json"]);
  assert.deepEqual(found("--json", "fleet", "--endpoint", "fleet", "ps", "-x"), [
    "fleet ps",
    "--json",
    "--endpoint",
    "fleet",
    "-x",
  ]);
  assert.deepEqual(found("--endpoint=x", "agent", "send", "lead"), ["agent send", "--endpoint=x", "lead"]);
});

test("words that name a group, or nothing, are told apart from commands", () => {
  assert.deepEqual(found("fleet"), ["group:fleet"]);
  assert.deepEqual(found("--help"), ["group:", "--help"]);
  assert.deepEqual(found("version"), ["version"]);
});

test("a misspelt command is refused with near ones, also from other groups", () => {
  assert.equal(hintFor("flet", "ps"), "did you mean mosaic fleet?");
  assert.equal(hintFor("agent", "sned"), "did you mean mosaic agent send?");
  assert.match(hintFor("ps") ?? "", /^did you mean mosaic fleet ps, or mosaic demo ps\?$/);
  assert.equal(hintFor("verison"), "did you mean mosaic version?");
  assert.equal(hintFor("qqqqqq"), "see mosaic --help");
  assert.equal(hintFor("fleet", "qqqqqq"), "see mosaic fleet --help");
});

test("arguments are counted and checked", () => {
  const command = (path: string) => COMMANDS.find((each) => each.path.join(" ") === path) ?? assert.fail(path);
  assert.throws(() => checkArguments(command("agent send"), []), /mosaic agent send needs <addr>/);
  assert.throws(() => checkArguments(command("agent send"), ["a", "b"]), /one word too many: "b"/);
  assert.throws(
    () => checkArguments(command("completion"), ["fsh"]),
    (error: MosaicError) => /fish/.test(error.hint ?? ""),
  );
  checkArguments(command("help"), ["fleet", "ps", "more"]);
  checkArguments(command("gateway call"), []);
});
