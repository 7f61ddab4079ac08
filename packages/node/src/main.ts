/** Entry point of mosaic-node: builds the real adapters, starts the node, waits for a signal. */
import { homedir } from "node:os";
import { LogRing, noUnits, ROSTER_RUNTIMES } from "@mosaic/core";
import { openGuardrails, textGuard } from "@mosaic/core/guardrails";
import { type Advertising, advertiseListeners } from "@mosaic/discovery";
import {
  assertOwnFile,
  claimSocketPath,
  connectSystemBus,
  connectSystemd,
  connectTmux,
  type DaemonRecord,
  debugOnSignal,
  environment,
  eventFileBytes,
  fileStore,
  growingFiles,
  hostName,
  loginName,
  newId,
  openEventJournal,
  ownLogArchive,
  parseDaemonFlags,
  persistentId,
  procfsTable,
  recordingStore,
  runDaemonProgram,
  spoolFolder,
  startSignedAuditLog,
  systemClock,
  watchedFiles,
} from "@mosaic/host";
import { checkpointSigner } from "@mosaic/identity";
import { formatEndpoint, startMetrics, startTelemetry } from "@mosaic/rpc";
import { driftOf, recogniseRuntime, runtimeNamed } from "@mosaic/runtimes";
import { forgetHourly, openMessageStore } from "@mosaic/store";
import { pino } from "pino";
import { sha256 } from "./delivery/message-hashes.ts";
import { openWalls, type Walls } from "./guard/open-walls.ts";
import { NODE_HELP, type NodeArguments, toNodeArguments } from "./node-arguments.ts";
import { openRoster } from "./roster-source.ts";
import { startNode } from "./start-node.ts";
import { placesOf, readEnrolment, renewalProblemOf, startRenewal } from "./start-renewal.ts";
import { VERSION } from "./version.ts";

async function start(options: NodeArguments, stack: AsyncDisposableStack): Promise<DaemonRecord> {
  const ring = new LogRing({ epoch: newId() });
  const log = pino({ level: options.logLevel, base: { role: "node" } }, ring.alsoTo(pino.destination(2)));
  stack.use(debugOnSignal(log));
  const runDirectory = `${options.mosaicHome}/fleet/run`;
  await claimSocketPath(options.socketPath);
  const files = watchedFiles(log);
  const rosterOptions = {
    path: options.rosterPath,
    workersDirectory: `${options.mosaicHome}/fleet/workers`,
    defaultTenant: options.tenant,
    defaultHost: options.host,
  };
  const first = await openRoster(files, log, rosterOptions, () => {});
  const { socketName, holderSession, tenantId, host } = first.value;
  first[Symbol.dispose]();
  const attributes = { "mosaic.tenant": tenantId, "mosaic.host": host };
  const telemetry = { serviceName: "mosaic-node", env: process.env, attributes, log };
  const tracer = await startTelemetry(telemetry);
  stack.defer(() => tracer.shutdown());
  const terminal = stack.use(connectTmux({ socketName, holderSession, clock: systemClock, log }));
  const units = options.hasSystemd ? stack.use(connectSystemd({ clock: systemClock, log })) : noUnits("mosaic-node --no-systemd");
  const planes = { terminal, units, processes: procfsTable(), files, clock: systemClock, driftOf, runtimeOf: recogniseRuntime };
  const store = stack.use(
    await openMessageStore({ path: `${options.mosaicHome}/fleet/messages/inbox.db`, clock: systemClock, log }),
  );
  stack.use(forgetHourly(store, systemClock, log));
  const onFailure = (error: Error) => log.warn({ error: error.message }, "the system can't notify of agents' events");
  const hooks = {
    spool: spoolFolder({ path: `${runDirectory}/spool`, onFailure }),
    transcripts: growingFiles(onFailure),
    files: fileStore(),
    home: homedir(),
  };
  const hostId = await persistentId(`${options.mosaicHome}/fleet/host_id`);
  let walls: Walls | undefined;
  const audit = stack.use(
    startSignedAuditLog({
      ...{ path: `${options.mosaicHome}/fleet/audit.jsonl`, clock: systemClock, log },
      ...{ signer: () => checkpointSigner(walls?.tls.identity.credentials), who: { actor: "mosaic-node", tenantId, host } },
    }),
  );
  walls = await openWalls({ files, audit, clock: systemClock, log, assertOwnFile }, `${options.mosaicHome}/fleet`, stack);
  const metrics = await startMetrics({ ...telemetry, listen: options.metrics, readers: walls?.readers });
  if (metrics) stack.use(metrics);
  const identityFolder = `${options.mosaicHome}/fleet/identity`;
  const enrolment = walls && (await readEnrolment(hooks.files, identityFolder));
  const renewal = enrolment && { clock: systemClock, random: Math.random, files: hooks.files, log };
  const kept = renewal && stack.use(startRenewal(renewal, identityFolder, enrolment));
  // What was said to this very process counts more than what `mosaic host join` has left.
  const isToldWhere = options.listen.length > 0 || options.dialOut !== undefined;
  const places = isToldWhere || !enrolment ? options : placesOf(enrolment);
  const guardrailsPath = `${options.mosaicHome}/fleet/guardrails.yaml`;
  await assertOwnFile(guardrailsPath, { isSecret: false });
  const guardrails = stack.use(await openGuardrails(files, log, guardrailsPath));
  const journal = { path: `${options.mosaicHome}/fleet/events/node.jsonl`, clock: systemClock, log, random: Math.random };
  const maxFileBytes = eventFileBytes(environment("MOSAIC_EVENTS_MB"));
  const events = stack.use(await openEventJournal({ ...journal, maxFileBytes }));
  let advertising: Advertising | undefined;
  const node = await startNode(
    {
      ...{ planes, openRoster: (onChange) => openRoster(files, log, rosterOptions, onChange), tracer, metrics, log, newId },
      ownLog: { ring, archive: await ownLogArchive(), role: "node" },
      ...{ keyboard: terminal, clients: terminal, store, hooks },
      mannersOf: (runtime) => (isRuntime(runtime) ? runtimeNamed(runtime) : undefined),
      recordings: { tapes: terminal, store: recordingStore(`${options.mosaicHome}/fleet/sessions`) },
      ...{ events, audit, walls, passText: textGuard({ guardrails: () => guardrails.value, audit, sha256 }) },
      resetCommandOf: (runtime) => runtimeNamed(runtime).resetCommand,
      advertisingProblem: () => advertising?.problem,
      renewalProblem: () => kept && renewalProblemOf(kept.state),
    },
    {
      hostId,
      version: VERSION,
      pid: process.pid,
      runDirectory,
      listen: [{ kind: "unix", path: options.socketPath }, ...places.listen],
      dialOut: places.dialOut,
    },
  );
  stack.use(node);
  if (options.isAdvertised) {
    const connectBus = () => connectSystemBus(environment("DBUS_SYSTEM_BUS_ADDRESS"));
    const identity = { role: "node", host, id: hostId } as const;
    advertising = stack.use(advertiseListeners({ clock: systemClock, log, connectBus }, identity, node.endpoints));
  }
  const endpoints = node.endpoints.map(formatEndpoint);
  return { role: "node", pid: process.pid, host, tenant: tenantId, id: hostId, version: VERSION, endpoints };
}

function isRuntime(name: string): boolean {
  return (ROSTER_RUNTIMES as readonly string[]).includes(name);
}

const defaults = {
  home: homedir(),
  mosaicHome: environment("MOSAIC_HOME"),
  metrics: environment("MOSAIC_METRICS"),
  host: hostName(),
  tenant: loginName(),
};
await runDaemonProgram({
  name: "mosaic-node",
  help: NODE_HELP,
  version: VERSION,
  parse: (argv) =>
    toNodeArguments(
      parseDaemonFlags("mosaic-node", argv, ["roster", "tenant", "dial-out", "metrics"], ["no-systemd", "advertise"]),
      defaults,
    ),
  recordPath: (options) => `${options.mosaicHome}/fleet/run/node.json`,
  start,
});
