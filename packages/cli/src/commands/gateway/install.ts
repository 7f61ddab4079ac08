import { existsSync } from "node:fs";
import { MosaicError } from "@mosaic/core/light";
import { identityFolder } from "@mosaic/identity/light";
import type { GatewayRole } from "@mosaic/lifecycle";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { assertSystemdKeeps } from "../../gateway/act-on-gateway.ts";
import { changeAnswer } from "../../gateway/gateway-answer.ts";
import { listenAddress, roleFlag } from "../../gateway/gateway-flags.ts";
import { planGatewayInstall } from "../../gateway/plan-gateway.ts";
import { takenAddressNote } from "../../gateway/taken-address.ts";
import type { Io } from "../../io/io.ts";
import { lookAtDaemon } from "../../local/doctor/look-at-daemons.ts";
import { isListening } from "../../local/is-listening.ts";
import { openGatewayPlan } from "../../local/open-gateway.ts";
import type { FlagValues } from "../../parse/flag-values.ts";

/** Writes the unit of a daemon that serves an address, and enables it. Starts nothing. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const { flags, globals } = invocation;
  const role = roleFlag(flags) ?? "node";
  const address = listenAddress(flags, role);
  if (address.startsWith("https:")) assertIdentity(globals.mosaicHome, address);
  await using plan = await openGatewayPlan(invocation, role, io);
  const { host, framework } = plan;
  assertSystemdKeeps(
    host,
    "install",
    `by hand, for as long as its terminal lives: mosaic-${role} --mosaic-home ${globals.mosaicHome} --listen ${address}`,
  );
  const wish = { role, listen: [address], isForced: flags.boolean("force"), enrol: enrolAddress(flags, role) };
  const change = await planGatewayInstall(host, framework, wish, io.signal);
  const isDryRun = flags.boolean("dry-run");
  if (!isDryRun) await change.apply(io.signal);
  const isNew = change.step.kind === "create" || change.enablement === "enable";
  const verb = isNew ? "start" : "restart";
  const next = change.step.kind === "keep" && !isNew ? "" : `mosaic gateway ${verb} --role ${role}`;
  const membership = `${globals.mosaicHome}/fleet/hosts.yaml`;
  const lacks = role === "aggregator" && !existsSync(membership);
  const taken = await takenAddressNote(address, role, await lookAtDaemon(role, host.paths, globals, deps), isListening);
  const notes = [
    ...(lacks ? [`there is no membership file yet, and the aggregator does not start without: echo '[]' > ${membership}`] : []),
    ...(taken === undefined ? [] : [taken]),
  ];
  return changeAnswer("install", host, change, { isDryRun, next, notes });
}

function enrolAddress(flags: FlagValues, role: GatewayRole): string | undefined {
  const enrol = flags.text("enrol");
  if (enrol === undefined || role === "aggregator") return enrol;
  throw new MosaicError("USAGE", "--enrol is for an aggregator: a node lets nobody in", { hint: "add --role aggregator" });
}

function assertIdentity(mosaicHome: string, address: string): void {
  if (existsSync(`${identityFolder(mosaicHome, "node")}/credentials.pem`)) return;
  throw new MosaicError(
    "IDENTITY_REFUSED",
    `${address} is reached from outside, and this home has no identity to serve it with`,
    {
      hint: "mosaic host join <line> on a host, mosaic fleet ca init on the first aggregator; or --host 127.0.0.1",
    },
  );
}
