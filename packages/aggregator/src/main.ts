/** Entry point of mosaic-aggregator: builds the real adapters, starts the aggregator, waits for a signal. */
import { homedir } from "node:os";
import { MosaicError, openLastGoodFile } from "@mosaic/core";
import {
  claimSocketPath,
  type DaemonRecord,
  environment,
  hostName,
  newId,
  parseDaemonFlags,
  persistentId,
  runDaemonProgram,
  systemClock,
  watchedFiles,
} from "@mosaic/host";
import { connectFleet, formatEndpoint, startTelemetry } from "@mosaic/rpc";
import { forgetHourly, openMessageStore } from "@mosaic/store";
import { pino } from "pino";
import { AGGREGATOR_HELP, type AggregatorArguments, toAggregatorArguments } from "./aggregator-arguments.ts";
import { parseMembership } from "./membership.ts";
import { startAggregator } from "./start-aggregator.ts";
import { VERSION } from "./version.ts";

const MAX_MEMBERSHIP_BYTES = 16 * 1024 * 1024;

async function start(options: AggregatorArguments, stack: AsyncDisposableStack): Promise<DaemonRecord> {
  const log = pino({ level: options.logLevel, base: { role: "aggregator" } }, pino.destination(2));
  await claimSocketPath(options.socketPath);
  const files = watchedFiles(log);
  const tracer = await startTelemetry({
    serviceName: "mosaic-aggregator",
    env: process.env,
    attributes: { "mosaic.host": options.host },
  });
  stack.defer(() => tracer.shutdown());
  const path = options.membershipPath;
  const membership = {
    path,
    maxBytes: MAX_MEMBERSHIP_BYTES,
    parse: (text: string) => parseMembership(text, path),
    missing: () =>
      new MosaicError("MEMBERSHIP_INVALID", `no membership file at ${path}`, {
        hint: "name the expected hosts there; see mosaic-aggregator --help",
      }),
  };
  const id = await persistentId(`${options.mosaicHome}/fleet/aggregator_id`);
  const store = await openMessageStore({ path: `${options.mosaicHome}/fleet/messages/outbox.db`, clock: systemClock, log });
  stack.use(store);
  stack.use(forgetHourly(store, systemClock, log));
  const aggregator = await startAggregator(
    {
      clock: systemClock,
      log,
      tracer,
      random: Math.random,
      newId,
      store,
      connect: (endpoint) => connectFleet(endpoint, { tracer }),
      openMembership: (onChange) => openLastGoodFile(files, log, membership, onChange),
    },
    {
      id,
      host: options.host,
      version: VERSION,
      pid: process.pid,
      listen: [{ kind: "unix", path: options.socketPath }, ...options.listen],
    },
  );
  stack.use(aggregator);
  const endpoints = aggregator.endpoints.map(formatEndpoint);
  return { role: "aggregator", pid: process.pid, host: options.host, tenant: "", id, version: VERSION, endpoints };
}

const defaults = { home: homedir(), mosaicHome: environment("MOSAIC_HOME"), host: hostName() };
await runDaemonProgram({
  name: "mosaic-aggregator",
  help: AGGREGATOR_HELP,
  version: VERSION,
  parse: (argv) => toAggregatorArguments(parseDaemonFlags("mosaic-aggregator", argv, ["membership"]), defaults),
  recordPath: (options) => `${options.mosaicHome}/fleet/run/aggregator.json`,
  start,
});
