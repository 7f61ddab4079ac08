import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT_CODES } from "@mosaic/core/light";
import { COMMANDS } from "../command-table/command-table.ts";
import { cellWidth } from "../output/cell-width.ts";
import { GLOBAL_FLAGS } from "../parse/global-options.ts";
import { commandHelp, EXIT_CODE_TEXT, groupHelp } from "./help-text.ts";

test("the manual of a command, as it is read", () => {
  const command = COMMANDS.find((each) => each.path.join(" ") === "agent tail") ?? assert.fail();
  assert.equal(
    commandHelp(command, 80),
    `mosaic agent tail: prints an agent's recent text

Usage: mosaic agent tail <addr> [flags]

Works for full-screen programs too: then the lines are of the screen. Escapes
are taken out. It asks --endpoint, else MOSAIC_ENDPOINT, else the aggregator of
this host, else its node.

Arguments:
  <addr>  the agent: [[tenant/]host/]agent; a short form must be unique

Flags:
  -n, --lines <count>  how many lines, counted from the last that holds text
                       (default 80)
  --follow             stay, and print lines as they appear
  --jsonl              print JSON lines, one per message of the server
  --all-hosts          ask only whoever knows every host, never just the node of
                       this host

Flags of every command:
  --json                  print the answer as one JSON envelope
  --endpoint <address>    the FleetService to ask: unix:/path/to.sock,
                          http://127.0.0.1:8787 or https://host:8443; of
                          several, with commas, the first that answers (or
                          MOSAIC_ENDPOINT)
  --mosaic-home <folder>  where the fleet of this host lives (default
                          ~/.config/mosaic; or MOSAIC_HOME)
  --project-state         let it live in ./.mosaic, for a fleet of this folder's
                          own
  --roster <path>         the roster of this host (default
                          $MOSAIC_HOME/fleet/roster.yaml)
  --timeout <time>        how long to wait for an answer (default 5s)
  --no-color              no colours (as NO_COLOR does)
  --verbose               with an error, print what caused it (or MOSAIC_DEBUG)
  -h, --help              print the manual of the command

JSON: --json prints the envelope mosaic.agent.tail/1.

Examples:
  # the last 200 lines
  mosaic agent tail team-a/alpha/lead -n 200
  # keep reading
  mosaic agent tail lead --follow
`,
  );
});

test("every exit code is in the manual, and none that does not exist", () => {
  const told = EXIT_CODE_TEXT.map(([code]) => Number(code));
  assert.deepEqual(told, Object.values(EXIT_CODES));
  for (const [code] of EXIT_CODE_TEXT) assert.match(groupHelp([], COMMANDS, 80), new RegExp(`^  ${code} +\\w`, "m"));
});

test("every command is fit to be listed", () => {
  const paths = COMMANDS.map((command) => command.path.join(" "));
  assert.equal(new Set(paths).size, paths.length);
  for (const command of COMMANDS) {
    const name = command.path.join(" ");
    assert.match(command.summary, /^[a-z].*[^.]$/, `${name}: a summary is one clause`);
    assert.ok(command.examples.length > 0, `${name} has no example`);
    assert.match(command.schema ?? "mosaic.none/1", /^mosaic\.[a-z0-9.]+\/\d+$/, name);
    const flags = command.flags.map((flag) => flag.name);
    assert.equal(new Set(flags).size, flags.length, `${name} declares a flag twice`);
    for (const flag of command.flags)
      assert.ok(flag.name === "timeout" || !GLOBAL_FLAGS.some((each) => each.name === flag.name), `${name} hides --${flag.name}`);
    const optionalFrom = command.args.findIndex((argument) => argument.isOptional);
    assert.ok(optionalFrom < 0 || command.args.slice(optionalFrom).every((argument) => argument.isOptional), name);
  }
});

test("every command can be loaded", async () => {
  for (const command of COMMANDS) assert.equal(typeof (await command.load()).run, "function", command.path.join(" "));
});

test("the root manual keeps within the width", () => {
  for (const line of groupHelp([], COMMANDS, 100).split("\n")) assert.ok(cellWidth(line) <= 110, line);
});
