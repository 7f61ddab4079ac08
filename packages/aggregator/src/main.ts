/** Entry point of mosaic-aggregator: builds the real adapters, starts the aggregator, waits for a signal. */
import { homedir } from "node:os";
import { type AuditChain, LogRing, MosaicError, openLastGoodFile } from "@mosaic/core";
import { openGuardrails, textGuard } from "@mosaic/core/guardrails";
import { parseMembership } from "@mosaic/core/membership";
import { advertiseListeners } from "@mosaic/discovery";
import {
  assertOwnFile,
  claimSocketPath,
  connectSystemBus,
  type DaemonRecord,
  debugOnSignal,
  environment,
  eventFileBytes,
  fileStore,
  hostName,
  newId,
  openEventJournal,
  ownLogArchive,
  parseDaemonFlags,
  persistentId,
  runDaemonProgram,
  srvLookup,
  startSignedAuditLog,
  startSigning,
  systemClock,
  watchedFiles,
} from "@mosaic/host";
import { checkpointSigner } from "@mosaic/identity";
import { connectFleet, formatEndpoint, startMetrics, startTelemetry } from "@mosaic/rpc";
import { forgetHourly } from "@mosaic/store";
import { pino } from "pino";
import { AGGREGATOR_HELP, type AggregatorArguments, toAggregatorArguments } from "./aggregator-arguments.ts";
import { endLockedLink } from "./enrolment/end-locked-link.ts";
import { openWalls, type Walls } from "./guard/open-walls.ts";
import { openKnownHosts } from "./known-hosts.ts";
import { fileRecordMemory } from "./membership/record-memory.ts";
import { sha256 } from "./messages/outbox.ts";
import { openStores } from "./open-stores.ts";
import { startAggregator } from "./start-aggregator.ts";
import { beginEnrolment, type Enrolment } from "./start-enrolment.ts";
import { VERSION } from "./version.ts";

const MAX_MEMBERSHIP_BYTES = 16 * 1024 * 1024;

async function start(options: AggregatorArguments, stack: AsyncDisposableStack): Promise<DaemonRecord> {
  const ring = new LogRing({ epoch: newId() });
  const log = pino({ level: options.logLevel, base: { role: "aggregator" } }, ring.alsoTo(pino.destination(2)));
  stack.use(debugOnSignal(log));
  await claimSocketPath(options.socketPath);
  for (const door of options.dialIn) if (door.kind === "unix") await claimSocketPath(door.path);
  const files = watchedFiles(log);
  const telemetry = { serviceName: "mosaic-aggregator", env: process.env, attributes: { "mosaic.host": options.host }, log };
  const tracer = await startTelemetry(telemetry);
  stack.defer(() => tracer.shutdown());
  const path = options.membershipPath;
  const membership = {
    path,
    maxBytes: MAX_MEMBERSHIP_BYTES,
    parse: (text: string) => parseMembership(text, path),
    missing: () =>
      new MosaicError("MEMBERSHIP_INVALID", `no membership file at ${path}`, {
        hint: `name the expected hosts there (mosaic-aggregator --help), or begin with none: echo '[]' > ${path}`,
      }),
  };
  const id = await persistentId(`${options.mosaicHome}/fleet/aggregator_id`);
  const fleetFolder = `${options.mosaicHome}/fleet`;
  let walls: Walls | undefined;
  const signing = {
    ...{ clock: systemClock, log, signer: () => checkpointSigner(walls?.tls.identity.credentials) },
    who: { actor: "mosaic-aggregator", tenantId: "", host: options.host },
  };
  const localAudit = stack.use(startSignedAuditLog({ path: `${fleetFolder}/audit.jsonl`, ...signing }));
  const openSharedAudit = (chain: AuditChain) => startSigning(chain, signing);
  const ports = { clock: systemClock, random: Math.random, log, files: fileStore(), localAudit, openSharedAudit };
  const stores = stack.use(await openStores({ ...ports, storeUrl: options.storeUrl, folder: fleetFolder, ownId: id }));
  stack.use(forgetHourly(stores.messages, systemClock, log));
  const knownHosts = stack.use(await openKnownHosts({ files: fileStore(), log, path: `${fleetFolder}/known-hosts.json` }));
  walls = await openWalls({ files, clock: systemClock, log, assertOwnFile }, fleetFolder, stack);
  const metrics = await startMetrics({ ...telemetry, listen: options.metrics, readers: walls?.readers });
  if (metrics) stack.use(metrics);
  const journal = { path: `${fleetFolder}/events/aggregator.jsonl`, clock: systemClock, log, random: Math.random };
  const maxFileBytes = eventFileBytes(environment("MOSAIC_EVENTS_MB"));
  const events = stack.use(await openEventJournal({ ...journal, maxFileBytes }));
  let enrolment: Enrolment | undefined;
  await assertOwnFile(`${fleetFolder}/guardrails.yaml`, { isSecret: false });
  const guardrails = stack.use(await openGuardrails(files, log, `${fleetFolder}/guardrails.yaml`));
  const aggregator = await startAggregator(
    {
      clock: systemClock,
      log,
      tracer,
      metrics,
      random: Math.random,
      newId,
      store: stores.messages,
      connect: (endpoint, member) => {
        // What is passed on was checked when it came in, and is again where it arrives.
        const how = { tracer, carrier: "http1", validate: false, clientKind: "aggregator" } as const;
        const connection = connectFleet(endpoint, { ...how, tls: walls?.clientOf(member) });
        return walls ? endLockedLink(connection, member, walls.locks, systemClock) : connection;
      },
      walls,
      openMembership: (onChange) => openLastGoodFile(files, log, membership, onChange),
      openMembershipStore: stores.openMembership,
      recordMemory: fileRecordMemory(fileStore(), `${fleetFolder}/membership-last-known.json`, log),
      knownHosts,
      events,
      moreConditions: () => enrolment?.conditions() ?? [],
      ownLog: { ring, archive: await ownLogArchive(), role: "aggregator" },
      audit: stores.audit,
      passText: textGuard({ guardrails: () => guardrails.value, audit: stores.audit, sha256 }),
      srvLookup: srvLookup(options.dnsServer === undefined ? undefined : [options.dnsServer]),
    },
    {
      id,
      host: options.host,
      version: VERSION,
      pid: process.pid,
      listen: [{ kind: "unix", path: options.socketPath }, ...options.listen],
      dialIn: options.dialIn,
      membershipPath: path,
      srvService: options.srvService,
    },
  );
  stack.use(aggregator);
  enrolment = await beginEnrolment(options, { ...ports, audit: stores.audit, walls, connect: () => aggregator.connect() });
  if (enrolment) stack.use(enrolment);
  if (options.isAdvertised) {
    const connectBus = () => connectSystemBus(environment("DBUS_SYSTEM_BUS_ADDRESS"));
    const identity = { role: "aggregator", host: options.host, id } as const;
    stack.use(advertiseListeners({ clock: systemClock, log, connectBus }, identity, aggregator.endpoints));
  }
  const endpoints = aggregator.endpoints.map(formatEndpoint);
  return { role: "aggregator", pid: process.pid, host: options.host, tenant: "", id, version: VERSION, endpoints };
}

const OWN_FLAGS = ["membership", "discover-srv", "dns-server", "store", "dial-in", "enrol", "leaf-ttl", "metrics"] as const;
const defaults = {
  home: homedir(),
  mosaicHome: environment("MOSAIC_HOME"),
  store: environment("MOSAIC_STORE"),
  metrics: environment("MOSAIC_METRICS"),
  host: hostName(),
};
await runDaemonProgram({
  name: "mosaic-aggregator",
  help: AGGREGATOR_HELP,
  version: VERSION,
  parse: (argv) => toAggregatorArguments(parseDaemonFlags("mosaic-aggregator", argv, OWN_FLAGS, ["advertise"]), defaults),
  recordPath: (options) => `${options.mosaicHome}/fleet/run/aggregator.json`,
  start,
});
