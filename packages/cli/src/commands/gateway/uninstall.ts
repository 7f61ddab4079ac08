import { gatewayUnit } from "@mosaic/lifecycle";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { actOnGateway, assertSystemdKeeps } from "../../gateway/act-on-gateway.ts";
import { changeAnswer } from "../../gateway/gateway-answer.ts";
import { roleFlag } from "../../gateway/gateway-flags.ts";
import { planGatewayRemoval } from "../../gateway/plan-gateway.ts";
import type { Io } from "../../io/io.ts";
import { openGatewayPlan } from "../../local/open-gateway.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";

/** Takes away the unit of a daemon, or a node's addresses. Ends nothing unless it is told to. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const { flags, globals } = invocation;
  const role = roleFlag(flags) ?? "node";
  await using plan = await openGatewayPlan(invocation, role, io);
  const { host, framework } = plan;
  assertSystemdKeeps(host, "uninstall", `rm ${host.site.unitDirectory}/${gatewayUnit(role)}`);
  const change = await planGatewayRemoval(host, framework, { role, isForced: flags.boolean("force") }, io.signal);
  const isDryRun = flags.boolean("dry-run");
  const isGone = change.step.kind === "remove";
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  if (!isDryRun && isGone && flags.boolean("stop")) await actOnGateway("stop", role, { host, io, deps, timeoutMs });
  if (!isDryRun) await change.apply(io.signal);
  const next = change.step.kind === "update" ? `mosaic gateway restart --role ${role}` : "";
  return changeAnswer("uninstall", host, change, { isDryRun, next, notes: [] });
}
