import { MosaicError } from "@mosaic/core/light";
import { type GatewayRole, gatewayUnit, listenOfUnit } from "@mosaic/lifecycle";
import type { InfoResponseJson } from "@mosaic/wire";
import type { CommandDeps } from "../command.ts";
import type { GatewayHost } from "./gateway-host.ts";
import type { GatewayItem } from "./gateway-item.ts";
import { judgeStep } from "./judge-step.ts";

/** Looks at one daemon: its unit, and whether it answers. */
export async function readGateway(
  role: GatewayRole,
  host: GatewayHost,
  world: { readonly deps: CommandDeps; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<GatewayItem> {
  const unit = gatewayUnit(role);
  const text = await host.files.read(`${host.site.unitDirectory}/${unit}`);
  const reading = await host.units.read([unit], world.signal);
  const facts = reading.kind === "units" ? reading.units.find((each) => each.unit === unit) : undefined;
  const socket = `unix:${host.paths.runDirectory}/${role}.sock`;
  const asked = await askInfo(role, host, world);
  const info = asked instanceof MosaicError ? undefined : asked;
  const item = {
    ...{ role, unit, installed: text !== undefined, active: facts?.active ?? "", enabled: facts?.enabled ?? "" },
    ...{ listen: listenOfUnit(text ?? ""), socket, answers: info !== undefined },
    ...{ detail: asked instanceof MosaicError ? asked.message : "", pid: info?.pid ?? null, version: info?.version ?? "" },
    uptime_ms: info === undefined ? null : Number(info.uptimeMs ?? 0),
  };
  return { ...item, next: judgeStep(item, host.systemd.kind === "there") };
}

async function askInfo(
  role: GatewayRole,
  { paths }: GatewayHost,
  { deps, timeoutMs }: { readonly deps: CommandDeps; readonly timeoutMs: number },
): Promise<InfoResponseJson | MosaicError> {
  const endpoint = { kind: "unix", path: `${paths.runDirectory}/${role}.sock` } as const;
  try {
    return await deps.remote.unary<InfoResponseJson>(endpoint, "Info", {}, timeoutMs);
  } catch (thrown) {
    const error = MosaicError.from(thrown);
    if (error.code === "CANCELLED") throw error;
    return error;
  }
}
