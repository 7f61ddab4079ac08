import { mkdtemp } from "node:fs/promises";
import { MosaicError } from "@mosaic/core/light";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { fleetCommands } from "../../command-table/fleet.ts";
import { demoDown, sweepAbandonedDemos } from "../../demo/demo-down.ts";
import { demoParent, demoSize, tidyDemoParent } from "../../demo/demo-options.ts";
import { findDemoState } from "../../demo/demo-state.ts";
import { demoUp } from "../../demo/demo-up.ts";
import { waitUntilWhole } from "../../demo/wait-until-whole.ts";
import type { Io } from "../../io/io.ts";
import { GLOBAL_FLAGS, readGlobalOptions } from "../../parse/global-options.ts";
import { parseFlags } from "../../parse/parse-flags.ts";
import { run as fleetPs } from "../fleet/ps.ts";

/** Brings a demo up, shows it live (or once), and ends it whatever happened. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const parent = await demoParent(io);
  for (const swept of await sweepAbandonedDemos(parent, "run-")) io.stderr.write(`cleaned up ${swept}, whose owner was killed\n`);
  const directory = await makeRunDirectory(parent, io);
  const isOnce = invocation.flags.boolean("once");
  const say = (line: string) => io.stderr.write(`${line}\n`);
  try {
    const size = demoSize(invocation);
    say(`bringing up ${size.hostCount} hosts with ${size.agentCount} agents each …`);
    const state = await demoUp({ directory, size, isOwned: true, env: io.env, signal: io.signal, onProgress: say });
    await waitUntilWhole(state, deps.remote, io);
    if (!isOnce)
      say(`in another terminal: npm run mosaic -- agent watch demo/alpha/lead --mosaic-home ${directory}\nCtrl-C ends it\n`);
    const { lines: _jsonLines, ...result } = await fleetPs(psInvocation(directory, isOnce, invocation, io), io, deps);
    return isOnce ? result : { exitCode: 0 };
  } catch (thrown) {
    // Ctrl-C is how a live demo is meant to end.
    if (!isOnce && io.signal.aborted) return { exitCode: 0 };
    throw thrown;
  } finally {
    await endDemo(directory, say);
    await tidyDemoParent(io);
  }
}

// Another demo that ends right now takes the folder away when it finds it empty.
async function makeRunDirectory(parent: string, io: Io): Promise<string> {
  try {
    return await mkdtemp(`${parent}/run-`);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
    return await mkdtemp(`${await demoParent(io)}/run-`);
  }
}

function psInvocation(directory: string, isOnce: boolean, { globals }: Invocation, io: Io): Invocation {
  const command = fleetCommands.find((known) => known.path.join(" ") === "fleet ps");
  if (!command) throw new Error("the command table has no fleet ps");
  const endpoint = `--endpoint=unix:${directory}/fleet/run/aggregator.sock`;
  const words = ["--all-hosts", endpoint, ...(isOnce ? [] : ["--watch"]), ...(globals.noColor ? ["--no-color"] : [])];
  const parsed = parseFlags(words, [...command.flags, ...GLOBAL_FLAGS], io.env, "mosaic fleet ps --help");
  return { ...parsed, globals: { ...readGlobalOptions(parsed.flags, io), isJson: globals.isJson && isOnce } };
}

async function endDemo(directory: string, say: (line: string) => void): Promise<void> {
  if ((await findDemoState(directory)) === undefined) return;
  try {
    const state = await demoDown(directory);
    say(`ended ${state.daemons.length} daemons; ${directory} is gone`);
  } catch (thrown) {
    const error = MosaicError.from(thrown);
    say(`mosaic: ${error.message}${error.hint === undefined ? "" : `\nhint: ${error.hint}`}`);
  }
}
