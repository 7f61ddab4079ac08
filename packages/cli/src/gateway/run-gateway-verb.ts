import type { CommandDeps, CommandResult, Invocation } from "../command.ts";
import type { Io } from "../io/io.ts";
import { openGatewayHost } from "../local/open-gateway.ts";
import { tellDisturbed } from "../presence/tell-disturbed.ts";
import { actOnGateway, assertSystemdKeeps, type GatewayOutcome, type GatewayVerb } from "./act-on-gateway.ts";
import { outcomesAnswer } from "./gateway-answer.ts";
import { roleFlag, rolesMeant } from "./gateway-flags.ts";

/** A daemon with thousands of agents or hosts reads them first, in ms. */
const START_MS = 15_000;

/** Starts, ends or restarts the daemons of this home. */
export async function runGatewayVerb(
  verb: GatewayVerb,
  invocation: Invocation,
  io: Io,
  deps: CommandDeps,
): Promise<CommandResult> {
  await using host = await openGatewayHost(invocation, io);
  const named = roleFlag(invocation.flags);
  const daemon = `mosaic-${named ?? "node"}`;
  const byHand =
    verb === "stop" ? `press Ctrl-C where ${daemon} runs` : `by hand: ${daemon} --mosaic-home ${host.paths.mosaicHome}`;
  assertSystemdKeeps(host, verb, byHand);
  const items: GatewayOutcome[] = [];
  const timeoutMs = invocation.globals.timeoutMs ?? START_MS;
  for (const role of await rolesMeant(host, named)) {
    if (verb !== "start") await tellDisturbed(`${host.paths.runDirectory}/${role}.sock`, role, io, deps);
    items.push(await actOnGateway(verb, role, { host, io, deps, timeoutMs }));
  }
  return outcomesAnswer(verb, host, items);
}
