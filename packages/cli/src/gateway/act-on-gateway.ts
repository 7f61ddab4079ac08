import { MosaicError } from "@mosaic/core/light";
import { type GatewayRole, gatewayUnit } from "@mosaic/lifecycle";
import type { InfoResponseJson } from "@mosaic/wire";
import type { CommandDeps } from "../command.ts";
import type { Io } from "../io/io.ts";
import type { GatewayHost } from "./gateway-host.ts";

export type GatewayVerb = "start" | "stop" | "restart";

/** What became of one daemon. */
export interface GatewayOutcome {
  readonly role: GatewayRole;
  readonly unit: string;
  readonly outcome: "started" | "already running" | "stopped" | "not running" | "restarted" | "silent";
  /** Process id of who answers; null: nobody. */
  readonly pid: number | null;
  /** What to type next; empty: nothing. */
  readonly next: string;
}

/** Starts, ends or restarts one daemon through systemd, and waits until it answers.
 *  @param timeoutMs how long it may take to answer
 *  @throws MosaicError NO_SYSTEMD, UNIT_FAILED with systemd's reason, MACHINE when it can't be put on record */
export async function actOnGateway(
  verb: GatewayVerb,
  role: GatewayRole,
  world: { readonly host: GatewayHost; readonly io: Io; readonly deps: CommandDeps; readonly timeoutMs: number },
): Promise<GatewayOutcome> {
  const { host, io } = world;
  const unit = gatewayUnit(role);
  const wasActive = await isActive(host, unit, io.signal);
  const { actor, tenantId } = host;
  await host.audit.record({ action: `gateway.${verb}`, actor, tenantId, host: host.host, facts: { unit } });
  if (verb === "stop") {
    await host.units.stop(unit, io.signal);
    return { role, unit, outcome: wasActive ? "stopped" : "not running", pid: null, next: "" };
  }
  // Somebody asks for it now: what failed before is not to stand in the way.
  await host.units.resetFailed(unit, io.signal);
  if (verb === "restart") await host.units.restart(unit, io.signal);
  else if (!wasActive) await host.units.start(unit, io.signal);
  const info = await untilAnswering(role, world);
  if (!info) return { role, unit, outcome: "silent", pid: null, next: `journalctl --user -u ${unit} -n 50` };
  const started = wasActive ? "already running" : "started";
  return { role, unit, outcome: verb === "restart" ? "restarted" : started, pid: info.pid ?? null, next: "" };
}

/** Refuses what only systemd does.
 *  @param hint what to type instead
 *  @throws MosaicError NO_SYSTEMD */
export function assertSystemdKeeps({ systemd }: Pick<GatewayHost, "systemd">, what: string, hint: string): void {
  if (systemd.kind === "there") return;
  throw new MosaicError("NO_SYSTEMD", `cannot ${what}: no systemd user manager answers (${systemd.reason})`, {
    hint,
  });
}

async function isActive({ units }: GatewayHost, unit: string, signal: AbortSignal): Promise<boolean> {
  const reading = await units.read([unit], signal);
  return reading.kind === "units" && reading.units.some((each) => each.unit === unit && each.active === "active");
}

/** How often a daemon that starts is asked, in ms. */
const ASK_EVERY_MS = 100;

async function untilAnswering(
  role: GatewayRole,
  { host, io, deps, timeoutMs }: Parameters<typeof actOnGateway>[2],
): Promise<InfoResponseJson | undefined> {
  const endpoint = { kind: "unix", path: `${host.paths.runDirectory}/${role}.sock` } as const;
  const startedAtMs = io.clock.monotonicMs();
  for (;;) {
    try {
      return await deps.remote.unary<InfoResponseJson>(endpoint, "Info", {}, timeoutMs);
    } catch (thrown) {
      const error = MosaicError.from(thrown);
      // Of one that does not listen yet nothing else can be said.
      if (error.code === "CANCELLED") throw error;
      if (io.clock.monotonicMs() - startedAtMs >= timeoutMs) return undefined;
      await io.clock.sleep(ASK_EVERY_MS, io.signal);
    }
  }
}
