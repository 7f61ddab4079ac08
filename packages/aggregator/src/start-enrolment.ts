import { create } from "@bufbuild/protobuf";
import { type AuditLog, type Clock, type FileStore, type Log, MosaicError } from "@mosaic/core";
import { AttemptLimits, type IdentitySource, type KeptRenewed, keepRenewed, type Policy } from "@mosaic/identity";
import { type Endpoint, type EnrolmentServer, type FleetConnection, formatEndpoint, serveEnrolment } from "@mosaic/rpc";
import { type Condition, ConditionSchema, ConfirmRootsRequestSchema, RenewRequestSchema, Role } from "@mosaic/wire";
import type { AggregatorArguments } from "./aggregator-arguments.ts";
import { readAuthority } from "./enrolment/authority.ts";
import type { EnrolmentDeps, ExpectedHost } from "./enrolment/calls.ts";
import { enrolmentHandlers } from "./enrolment/enrolment-calls.ts";
import { Register } from "./enrolment/register.ts";
import type { Walls } from "./guard/open-walls.ts";

export interface StartEnrolmentDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly files: FileStore;
  readonly audit: AuditLog;
  readonly identity: IdentitySource;
  readonly policy: () => Policy;
  /** A client of this very aggregator, which expects who joins. */
  readonly connect: () => FleetConnection;
}

export interface StartEnrolmentOptions {
  /** `$MOSAIC_HOME/fleet`. */
  readonly folder: string;
  /** Name of this host. */
  readonly host: string;
  /** Where strangers come; none: only this host's own commands do. */
  readonly listen: readonly Extract<Endpoint, { kind: "tls" }>[];
  /** How long leaves hold, in ms. Default 24 h. */
  readonly leafTtlMs?: number | undefined;
}

export interface Enrolment extends AsyncDisposable {
  readonly endpoints: readonly Endpoint[];
  /** What a person should know: lines that were in two hands, an authority that is about to end. */
  conditions(): readonly Condition[];
}

/** Renewals and questions for news: from one address there may come a whole site of hosts. */
const RENEWALS_PER_ADDRESS = { count: 3000, windowMs: 60_000 };
const RENEWALS_IN_ALL = { count: 30_000, windowMs: 60_000 };

/** Starts to let people in, where this host has the fleet's authority; and keeps the aggregator's own certificate fresh.
 *  @returns undefined when it has none */
async function startEnrolment(deps: StartEnrolmentDeps, options: StartEnrolmentOptions): Promise<Enrolment | undefined> {
  const { files, clock, log, identity } = deps;
  const { folder } = options;
  if ((await files.read(`${folder}/ca/state.json`)) === undefined) return undefined;
  const register = await Register.open(files, `${folder}/enrolment.json`);
  let addresses: readonly string[] = [];
  let signsUntil = "";
  const calls: EnrolmentDeps = {
    ...{ clock, log, files, register, audit: deps.audit, policy: deps.policy, host: options.host, leafTtlMs: options.leafTtlMs },
    authority: async () => {
      const view = await readAuthority(files, folder);
      signsUntil = view.intermediate.certificate.validTo;
      return view;
    },
    attempts: new AttemptLimits(),
    renewals: new AttemptLimits(RENEWALS_PER_ADDRESS, RENEWALS_IN_ALL),
    policyText: async () => (await files.read(`${folder}/policy.yaml`)) ?? "",
    expectHost: (host) => expectHost(deps.connect, host),
    addresses: () => addresses,
  };
  // Read once, so that one that can't be used is told at the start.
  await calls.authority();
  const handlers = enrolmentHandlers(calls);
  await using stack = new AsyncDisposableStack();
  const socket = { kind: "unix", path: `${folder}/run/enrolment.sock` } as const;
  const server: EnrolmentServer = stack.use(
    await serveEnrolment({ identity, handlers, log, listen: [socket, ...options.listen] }),
  );
  addresses = reachable(server.endpoints, options.host);
  const renewal: KeptRenewed = stack.use(keepRenewed({ ...deps, folder: `${folder}/identity`, service: ownService(handlers) }));
  const running = stack.move();
  return {
    endpoints: server.endpoints,
    conditions: () => conditionsOf(calls, renewal, signsUntil),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** As {@link startEnrolment}, for what the daemon was told.
 *  @throws MosaicError USAGE when it should let people in, and has no authority to do so */
export async function beginEnrolment(
  { enrol: listen, leafTtlMs, mosaicHome, host }: Pick<AggregatorArguments, "enrol" | "leafTtlMs" | "mosaicHome" | "host">,
  { walls, ...deps }: Omit<StartEnrolmentDeps, "identity" | "policy"> & { readonly walls: Walls | undefined },
): Promise<Enrolment | undefined> {
  const folder = `${mosaicHome}/fleet`;
  const options = { listen, leafTtlMs, folder, host };
  const started = walls && (await startEnrolment({ ...deps, identity: walls.tls.identity, policy: walls.policy }, options));
  if (started || listen.length === 0) return started;
  throw new MosaicError("USAGE", `--enrol lets people into a fleet, and its authority is not in ${folder}/ca`, {
    hint: "make one: mosaic fleet ca init --fleet <name>",
  });
}

/** The aggregator renews with itself, by the same rules as everybody. */
function ownService(handlers: ReturnType<typeof enrolmentHandlers>): Parameters<typeof keepRenewed>[0]["service"] {
  const self = (signal: AbortSignal) => ({ address: "local", chain: undefined, signal });
  return {
    async renew(request, _trust, signal) {
      const {
        chain = "",
        roots = "",
        locks = "",
        news = "",
        renewNow = false,
      } = await handlers.renew(create(RenewRequestSchema, request), self(signal));
      return { chain, roots, locks, news, renewNow };
    },
    confirmRoots: (request, _trust, signal) => handlers.confirmRoots(create(ConfirmRootsRequestSchema, request), self(signal)),
  };
}

async function expectHost(connect: () => FleetConnection, host: ExpectedHost): Promise<void> {
  await using connection = connect();
  const { tenantId, hostId, invitedBy } = host;
  const named = { role: Role.NODE, tenantId, host: host.host, hostId, addresses: [...host.addresses] };
  await connection.client.addHost({ ...named, sourceLabel: invitedBy, reason: "joined by invitation" });
}

// Whoever listens everywhere can't know by which name it is reached; its host's own is the best guess.
function reachable(endpoints: readonly Endpoint[], host: string): readonly string[] {
  return endpoints.flatMap((endpoint) => {
    if (endpoint.kind !== "tls") return [];
    const isAny = endpoint.hostname === "0.0.0.0" || endpoint.hostname === "::";
    return [formatEndpoint(isAny ? { ...endpoint, hostname: host } : endpoint).replace("https://", "")];
  });
}

const ALARM_SHOWN_MS = 24 * 3_600_000;
const ENDS_SOON_MS = 14 * 24 * 3_600_000;

function conditionsOf({ register, clock }: EnrolmentDeps, { state }: KeptRenewed, signsUntil: string): readonly Condition[] {
  const nowUnixMs = clock.nowUnixMs();
  const condition = (type: string, message: string) => create(ConditionSchema, { type, message });
  const alarms = register.state.alarms.filter(({ atUnixMs }) => nowUnixMs - atUnixMs < ALARM_SHOWN_MS);
  const isEnding = Date.parse(signsUntil) - nowUnixMs < ENDS_SOON_MS;
  return [
    ...alarms.map(({ text }) => condition("ENROLMENT_ALARM", text)),
    ...(isEnding
      ? [condition("AUTHORITY_ENDS", `the intermediate ends ${signsUntil}: mosaic fleet ca rotate intermediate`)]
      : []),
    ...(state.problem === "" ? [] : [condition("RENEWAL_FAILING", state.problem)]),
  ];
}
