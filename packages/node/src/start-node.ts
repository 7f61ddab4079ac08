import {
  type AuditLog,
  Counters,
  type EventJournal,
  FleetLog,
  type Log,
  LogRing,
  type MessageStore,
  type OwnLog,
  type Planes,
  type Roster,
  type TerminalClients,
  type TerminalKeyboard,
  type Tracer,
} from "@mosaic/core";
import type { PassText } from "@mosaic/core/guardrails";
import {
  type ConnectFleetOptions,
  connectInMemory,
  type DialOut,
  dialOut,
  type Endpoint,
  type FleetConnection,
  LiveStreams,
  type Metrics,
  meterFleet,
  serveFleet,
} from "@mosaic/rpc";
import { type AgentSide, createAgentSide, type HookFiles } from "./agent-side.ts";
import { AttachRoll } from "./attach-roll.ts";
import type { MannersOf } from "./delivery/manners.ts";
import { startNodeEvents } from "./events/start-node-events.ts";
import type { Walls } from "./guard/open-walls.ts";
import { HeartbeatRegistry } from "./heartbeat-registry.ts";
import { nodeHandlers } from "./node-handlers.ts";
import { PlaneWatcher } from "./plane-watcher.ts";
import { type RecorderDeps, startRecorder } from "./recorder.ts";
import type { RosterSource } from "./roster-source.ts";
import { traceStates } from "./state-spans.ts";

export interface StartNodeDeps {
  readonly planes: Planes;
  /** Opens the roster; called once, with what to do when it changes. */
  readonly openRoster: (onChange: () => void) => Promise<RosterSource>;
  /** How each runtime is typed to and heard; undefined: nothing is known of it. */
  readonly mannersOf: MannersOf;
  /** Durable messages of this host's agents. The caller closes it, after the node. */
  readonly store: MessageStore;
  /** Where agents' hooks leave what they tell. Absent: agents are heard by calls only. */
  readonly hooks?: HookFiles;
  /** Who is attached past Mosaic. Absent: can't be told. */
  readonly clients?: TerminalClients;
  /** Types what somebody who takes a terminal over types. */
  readonly keyboard: TerminalKeyboard;
  readonly audit: AuditLog;
  /** What texts for agents pass before they are stored. Absent: nothing. */
  readonly passText?: PassText | undefined;
  /** A runtime's own reset command, for rosters that say nothing else; undefined: it has none that is known. */
  readonly resetCommandOf: (runtime: string) => string | undefined;
  /** With what agents' terminals are recorded. Absent: none is, whatever the roster says. */
  readonly recordings?: Pick<RecorderDeps, "tapes" | "store">;
  /** Why the node is not announced by multicast DNS, though it should be. Absent: it need not be. */
  readonly advertisingProblem?: () => string | undefined;
  /** Why the node's certificate can't be renewed. Absent: it need not be. */
  readonly renewalProblem?: () => string | undefined;
  /** Who this node is and what callers may do. Absent: whoever reaches it may do anything. */
  readonly walls?: Walls | undefined;
  /** Where is kept what happens by itself. Absent: nowhere. The caller disposes it, after the node. */
  readonly events?: EventJournal | undefined;
  readonly tracer: Tracer;
  /** Where calls, messages and states are counted. Absent: nowhere. The caller disposes it, after the node. */
  readonly metrics?: Metrics | undefined;
  readonly log: Log;
  /** This process's own log, to be shown to who asks for it. Default: an empty one. */
  readonly ownLog?: OwnLog | undefined;
  readonly newId: () => string;
}

export interface StartNodeOptions {
  readonly hostId: string;
  readonly version: string;
  readonly pid: number;
  readonly runDirectory: string;
  readonly listen: readonly Endpoint[];
  /** An aggregator that can't reach this host: it is dialled, and served on that connection. Default: none. */
  readonly dialOut?: Endpoint | undefined;
  /** Slow re-read of all planes, in ms. Default 5 s. */
  readonly rereadMs?: number;
  readonly pingIntervalMs?: number;
  /** Changes kept for readers that resume. Default: the log's own. */
  readonly logCapacity?: number;
}

export interface RunningNode extends AsyncDisposable {
  readonly endpoints: readonly Endpoint[];
  readonly roster: Roster;
  /** A client in this process, over no network. The caller disposes it. */
  connect(options?: ConnectFleetOptions): FleetConnection;
}

/** How long a node that stops waits for the records of takeovers that end with it, in ms. */
const RECORDING_MS = 2000;

/** Starts a node: roster, planes, then the server, which so never answers with an empty fleet. Disposing stops them in
 *  reverse; tmux and the agents in it go on. */
export async function startNode(deps: StartNodeDeps, options: StartNodeOptions): Promise<RunningNode> {
  const { planes, log } = deps;
  const stack = new AsyncDisposableStack();
  try {
    let touch = () => {};
    const roster = stack.use(await deps.openRoster(() => touch()));
    const heartbeats = new HeartbeatRegistry(planes.clock);
    const fleetLog = new FleetLog({ epoch: deps.newId(), ...(options.logCapacity ? { capacity: options.logCapacity } : {}) });
    let problemsOfRecorder: () => ReadonlyMap<string, string> = () => new Map();
    const recordingProblems = () => problemsOfRecorder();
    let agentSide: AgentSide | undefined;
    const told = () => agentSide?.facts.told() ?? new Map();
    const storeProblem = () => deps.store.health().refusal;
    const { advertisingProblem, renewalProblem } = deps;
    let dial: DialOut | undefined;
    const dialProblem = () => (dial && !dial.state.isConnected ? dial.state.detail : undefined);
    const problems = { recordingProblems, storeProblem, advertisingProblem, dialProblem, renewalProblem };
    const watcher = stack.use(new PlaneWatcher({ planes, roster, heartbeats, fleetLog, log, told, ...problems }, options));
    touch = () => watcher.touch();
    stack.use(planes.terminal.onChange(() => watcher.touch("terminal")));
    stack.use(planes.units.onChange(() => watcher.touch("units")));
    stack.use(planes.files.onChange(options.runDirectory, (entry) => watcher.touchFile(entry)));
    if (deps.recordings) {
      const { terminal, clock } = planes;
      const onProblems = () => watcher.touch();
      const recorder = stack.use(
        startRecorder({ ...deps.recordings, roster, terminal, clock, log, newId: deps.newId, onProblems }),
      );
      problemsOfRecorder = () => recorder.problems();
      stack.use(terminal.onChange(() => recorder.touch()));
      touch = () => {
        watcher.touch();
        recorder.touch();
      };
    }
    const roll = new AttachRoll();
    const { store, audit, tracer, mannersOf, clients, hooks } = deps;
    const { clock } = planes;
    const { runDirectory } = options;
    agentSide = stack.use(
      createAgentSide({
        ...{ planes, fleetLog, watcher, registry: heartbeats, store, roll, clients, mannersOf, hooks, runDirectory },
        ...{ clock, audit, tracer, log, passText: deps.passText },
      }),
    );
    await watcher.refresh();
    await agentSide.start();
    const { tenantId, host } = roster.value;
    const identity = { tenantId, host, hostId: options.hostId, version: options.version, pid: options.pid };
    const streams = new LiveStreams();
    const counters = new Counters();
    const { metrics } = deps;
    const asOfNow = () => watcher.status();
    const { version } = options;
    stack.use(traceStates(fleetLog, tracer));
    const { events } = deps;
    if (events) stack.use(startNodeEvents({ journal: events, clock, fleetLog, store, status: asOfNow, version }));
    if (metrics) stack.use(meterFleet(metrics, { role: "node", version, fleetLog, asOfNow, store, streams, counters }));
    // After the server has ended its calls, so that the end of each takeover is on record.
    stack.defer(() => roll.allEnded(clock, RECORDING_MS));
    const resetCommandOf = (runtime: string) => roster.value.runtimes[runtime]?.resetCommand ?? deps.resetCommandOf(runtime);
    const ownLog: OwnLog = deps.ownLog ?? { ring: new LogRing({ epoch: deps.newId() }), role: "node" };
    const handlers = nodeHandlers(
      {
        ...{ fleetLog, watcher, agentSide, delivery: agentSide.delivery, terminal: planes.terminal, clock, streams, counters },
        ...{ keyboard: deps.keyboard, audit: deps.audit, roll, resetCommandOf, log, ownLog, newId: deps.newId },
        events,
      },
      identity,
    );
    const guard = deps.walls?.guardOf({ tenantId, host, hostId: options.hostId });
    const walls = { tls: deps.walls?.tls, guard };
    const server = stack.use(await serveFleet({ ...options, ...walls, handlers, streams, tracer: deps.tracer, metrics, log }));
    const { dialOut: aggregator } = options;
    if (aggregator)
      dial = stack.use(dialOut({ endpoint: aggregator, server, clock, random: Math.random, log, tls: deps.walls?.tls }));
    log.info({ tenant: tenantId, host, agents: roster.value.agents.length }, "node is serving");
    return {
      endpoints: server.endpoints,
      roster: roster.value,
      connect: (connectOptions) => connectInMemory(handlers, connectOptions, { streams, tracer: deps.tracer, log }),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (thrown) {
    await stack.disposeAsync();
    throw thrown;
  }
}
