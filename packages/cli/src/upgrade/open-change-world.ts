import { randomUUID } from "node:crypto";
import type { CommandDeps, Invocation } from "../command.ts";
import type { GatewayHost } from "../gateway/gateway-host.ts";
import type { Io } from "../io/io.ts";
import { openAudit } from "../local/open-audit.ts";
import { openGatewayHost } from "../local/open-gateway.ts";
import { runTool } from "../local/run-tool.ts";
import { plainText } from "../output/plain-text.ts";
import type { ChangeWorld } from "./change-version.ts";
import { dropIntent, keepIntent } from "./intent.ts";
import { currentVersion, type Layout } from "./layout.ts";
import { type RefreshReport, refreshUnits } from "./refresh-units.ts";
import { daemonsByHand, restartDaemons } from "./restart-daemons.ts";
import { switchTo } from "./switch-version.ts";
import { takeSnapshot } from "./take-snapshot.ts";
import { packageOf, programOf, type Target } from "./target.ts";
import { openVerificationLog } from "./verification-log.ts";

/** This host for a change of version, with who makes it. */
export interface OpenChange extends AsyncDisposable {
  readonly world: ChangeWorld;
  readonly host: GatewayHost;
  readonly actor: string;
  /** Names this run in the log. */
  readonly id: string;
  /** What `install-systemd` of a version would change. */
  readonly planUnits: (target: Target) => Promise<RefreshReport>;
}

export interface ChangeOptions {
  readonly layout: Layout;
  readonly verb: "upgrade" | "rollback";
  /** Of a run that goes on; undefined: a new one. */
  readonly id: string | undefined;
  readonly waitMs: number;
}

/** A daemon with thousands of agents or hosts reads them first, in ms. */
const START_MS = 15_000;

/** Opens this host for a change of version.
 *  @throws MosaicError MACHINE */
export async function openChange(
  { globals }: Invocation,
  io: Io,
  deps: CommandDeps,
  options: ChangeOptions,
): Promise<OpenChange> {
  const { layout, verb, waitMs, id = randomUUID() } = options;
  const host = await openGatewayHost({ globals }, io);
  const { audit, who } = await openAudit(globals, io);
  const environments = new Map();
  const commandOf = (target: Target, program: string) => commandFor(layout, target, program);
  const refresh = (target: Target, isDryRun: boolean) =>
    refreshUnits({ host, globals, runTool, env: io.env, signal: io.signal, mosaic: commandOf(target, "mosaic") }, isDryRun);
  const world: ChangeWorld = {
    snapshot: () => takeSnapshot(globals, io, deps),
    switchTo: (target, replaced) => switchTo(layout, target, replaced),
    refreshUnits: (target) => refresh(target, false),
    daemonsByHand: (before) => daemonsByHand(host, before),
    restartDaemons: (target, before, byHand) => {
      const timeoutMs = globals.timeoutMs ?? START_MS;
      const daemonOf = (role: string) => commandOf(target, `mosaic-${role}`);
      return restartDaemons({ host, io, deps, timeoutMs, programOf: daemonOf, environments }, before, byHand);
    },
    keep: (intent) => keepIntent(layout, intent),
    drop: () => dropIntent(layout),
    log: openVerificationLog({ mosaicHome: globals.mosaicHome, io, audit, who, verb, id }),
    say: (line) => io.stderr.write(`mosaic: ${plainText(line)}\n`),
    clock: io.clock,
    signal: io.signal,
    waitMs,
  };
  const dispose = () => host[Symbol.asyncDispose]();
  return { world, host, actor: who.actor, id, planUnits: (target) => refresh(target, true), [Symbol.asyncDispose]: dispose };
}

function commandFor(layout: Layout, target: Target, program: string): readonly [string, string] {
  if (target.kind === "version") {
    return programOf(packageOf(layout, target.version, currentVersion(layout) === target.version), program);
  }
  return target.commands[program] ?? [process.execPath, target.launcher];
}
