import type {
  AuditLog,
  Clock,
  FileStore,
  FleetLog,
  GrowingFiles,
  Log,
  MessageStore,
  Planes,
  SpoolFolder,
  TerminalClients,
  Tracer,
} from "@mosaic/core";
import type { PassText } from "@mosaic/core/guardrails";
import { DeliveryState } from "@mosaic/wire";
import type { AttachRoll } from "./attach-roll.ts";
import { Delivery } from "./delivery/delivery.ts";
import type { MannersOf } from "./delivery/manners.ts";
import { AgentFacts } from "./hearing/agent-facts.ts";
import { AgentReports } from "./hearing/agent-reports.ts";
import { Decisions } from "./hearing/decisions.ts";
import { FailedSessions } from "./hearing/failed-sessions.ts";
import { HookWatch } from "./hearing/hook-watch.ts";
import { LastWords } from "./hearing/last-words.ts";
import { OwnDialogs } from "./hearing/own-dialogs.ts";
import { ProcessRoll } from "./hearing/process-roll.ts";
import { RowWatch } from "./hearing/row-watch.ts";
import { Spool } from "./hearing/spool.ts";
import { StateLook } from "./hearing/state-look.ts";
import { Transcripts } from "./hearing/transcripts.ts";
import type { HeartbeatRegistry } from "./heartbeat-registry.ts";
import type { PlaneWatcher } from "./plane-watcher.ts";

/** Where agents' hooks leave what they tell, and where answers are left for them. */
export interface HookFiles {
  readonly spool: SpoolFolder;
  readonly transcripts: GrowingFiles;
  /** Small files of ours in the run directory. */
  readonly files: FileStore;
  /** The agents' home directory, in which some runtimes keep small files about their processes. */
  readonly home: string;
}

export interface AgentSideDeps {
  readonly planes: Planes;
  readonly fleetLog: FleetLog;
  readonly watcher: PlaneWatcher;
  readonly registry: HeartbeatRegistry;
  readonly store: MessageStore;
  readonly roll: AttachRoll;
  readonly clients: TerminalClients | undefined;
  readonly mannersOf: MannersOf;
  /** Absent: agents are heard by calls only, and nothing they ask can be answered. */
  readonly hooks: HookFiles | undefined;
  readonly runDirectory: string;
  readonly clock: Clock;
  readonly audit: AuditLog;
  /** What texts pass before they are stored. Absent: nothing. */
  readonly passText?: PassText | undefined;
  readonly tracer: Tracer;
  readonly log: Log;
}

/** What a node has to do with its agents: hears them, delivers to them, answers them. */
export interface AgentSide extends AsyncDisposable {
  readonly delivery: Delivery;
  readonly reports: AgentReports;
  readonly facts: AgentFacts;
  readonly decisions: Decisions | undefined;
  /** Hears first what agents left while nobody listened, then takes messages up where they are. Rows must have been read. */
  start(): Promise<void>;
}

/** Such a file is a few hundred bytes. */
const MAX_STATE_BYTES = 65_536;

/** Puts the agent side of a node together; it does nothing before it is started. */
export function createAgentSide(deps: AgentSideDeps): AgentSide {
  const { planes, fleetLog, watcher, registry, mannersOf, hooks, runDirectory, clock, log } = deps;
  // A node has one host.
  const rowOf = (agentName: string) => {
    const [own] = fleetLog.state.hosts();
    return own && fleetLog.state.row({ tenantId: own.tenantId, hostId: own.hostId, name: agentName })?.row;
  };
  const processes = new ProcessRoll(planes.processes, clock);
  const saidOf = (agentName: string) => {
    const said = registry.said(agentName);
    if (!said) return undefined;
    const { reading, approvals, promptAtUnixMs } = said;
    return { status: reading.status, atUnixMs: reading.atUnixMs, approvals, promptAtUnixMs };
  };
  const hookWatch = new HookWatch({ processes, registry, mannersOf, rowOf, clock });
  const delivery = new Delivery({
    ...{ ...deps, terminal: planes.terminal, rowOf, saidOf, refresh: () => watcher.refresh() },
    // Without its files nothing of a start is heard.
    isStarting: (agentName) => hooks !== undefined && hookWatch.isStarting(agentName),
  });
  const failedSessions = new FailedSessions({
    ...{ files: planes.files, runDirectory, clock, log },
    onChange: (agentName) => facts.refresh(agentName),
  });
  const facts: AgentFacts = new AgentFacts({
    ...{ registry, open: delivery.inbox.open, clock, onChange: () => watcher.touch() },
    whyHookless: (agentName) => hookWatch.why(agentName),
    failedSession: (agentName) => failedSessions.of(agentName),
  });
  const shared = { mannersOf, rowOf, clock, log };
  let transcripts: Transcripts | undefined;
  const positionOf = (agentName: string) => transcripts?.positionOf(agentName);
  const lastWords = hooks && new LastWords({ files: hooks.files, runDirectory, positionOf, log });
  const reports = new AgentReports({
    ...{ registry, processes, lastWords, log },
    sessions: hooks && { files: hooks.files, runDirectory },
    noteEvidence: (agentName, report) => delivery.noteEvidence(agentName, report),
    followTranscript: async (agentName, path) => transcripts?.follow(agentName, path),
  });
  transcripts = hooks && new Transcripts({ ...shared, files: hooks.transcripts, reports });
  const spool = hooks && new Spool({ ...shared, folder: hooks.spool, reports, processes, refreshRows: () => watcher.refresh() });
  const read = (path: string) => planes.files.read(path, MAX_STATE_BYTES);
  const stateLook =
    hooks &&
    (() => {
      const agents = () => fleetLog.state.agents();
      return new StateLook({ ...shared, agents, processes, registry, reports, files: { read }, home: hooks.home });
    });
  const decisions = hooks && new Decisions({ ...deps, files: hooks.files });
  const started = new AsyncDisposableStack();

  const follow = () => {
    started.use(
      registry.onChange((agentName) => {
        watcher.touch();
        facts.refresh(agentName);
        delivery.wake(agentName);
      }),
    );
    started.use(
      deps.store.onChange(({ receipt, command }) => {
        const agentName = receipt.agent?.name ?? "";
        // Of a runtime's own command some hooks say nothing.
        if (receipt.state === DeliveryState.ENTERED && command === undefined) hookWatch.noteEntered(agentName);
        facts.refreshSoon(agentName);
      }),
    );
    started.use(
      new RowWatch(fleetLog, (agentName, row) => {
        if (processes.note(agentName, row)) registry.forgetProcess(agentName, processes.of(agentName)?.pid ?? 0);
        hookWatch.noteRow(agentName, row);
        facts.refreshSoon(agentName);
        delivery.wake(agentName);
      }),
    );
  };

  return {
    ...{ delivery, reports, facts, decisions },
    async start() {
      started.use(facts);
      started.use(failedSessions);
      await failedSessions.start();
      if (decisions) started.use(decisions);
      if (decisions) started.use(new OwnDialogs({ ...shared, decisions, registry, roll: deps.roll }));
      // Ends before what it tells others of.
      started.use(delivery);
      follow();
      for (const { name } of fleetLog.state.agents()) await takeUp(name);
      if (transcripts) started.use(transcripts);
      if (spool) started.use(spool);
      await spool?.start();
      if (stateLook) started.use(stateLook());
      delivery.start();
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };

  // What an earlier life of this daemon wrote down is true as long as the same process runs.
  async function takeUp(agentName: string): Promise<void> {
    const process = processes.of(agentName);
    const kept = process && (await lastWords?.load(agentName));
    if (!kept || kept.process.pid !== process.pid || kept.process.startTicks !== process.startTicks) return;
    registry.keep(agentName, kept.said);
    if (kept.transcript) await transcripts?.follow(agentName, kept.transcript.path, kept.transcript.nextByte);
  }
}
