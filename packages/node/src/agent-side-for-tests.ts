import { type AgentReport, silentLog } from "@mosaic/core";
import {
  eventually,
  FakeHost,
  memoryMessageStore,
  memoryRecords,
  ROSTER_PATH,
  RUN_DIRECTORY,
  realClock,
  WORKERS_DIRECTORY,
} from "@mosaic/testkit";
import { type Agent, DeliveryState } from "@mosaic/wire";
import type { RuntimeManners } from "./delivery/manners.ts";
import { TestHookFiles } from "./hearing/hook-files-for-tests.ts";
import { openRoster } from "./roster-source.ts";
import { type RunningNode, startNode } from "./start-node.ts";

/** Something that an agent asks leave for. */
export const bash = { requestId: "r-1", tool: "Bash", summary: "make", answerable: true };

/** A runtime whose events are what they report, and whose conversation holds the same, line by line. */
export const manners: RuntimeManners = {
  announcesStart: false,
  submit: { settleMs: 5, whileBusy: "type" },
  hear: ({ payload }) => payload as AgentReport,
  hearTranscript: (line) => JSON.parse(line) as AgentReport,
};

/** A host whose agent `lead` reports by files only, and the node on it: one after the other. */
export class Rig implements AsyncDisposable {
  readonly host = new FakeHost({ tenantId: "team-a", host: "alpha", clock: realClock, agents: ["lead"] });
  readonly files = new TestHookFiles();
  readonly records = memoryRecords();
  store = memoryMessageStore({ records: this.records });
  manners: RuntimeManners = manners;
  #node: RunningNode | undefined;
  #events = 0;

  constructor() {
    this.host.stub("lead").manners.isSilent = true;
  }

  async start(): Promise<RunningNode["connect"] extends () => infer Connection ? Connection : never> {
    const roster = { path: ROSTER_PATH, workersDirectory: WORKERS_DIRECTORY, defaultTenant: "x", defaultHost: "x" };
    const { host, store, files } = this;
    this.#node = await startNode(
      {
        planes: host.planes(),
        openRoster: (onChange) => openRoster(host.files, silentLog, roster, onChange),
        ...{ mannersOf: () => this.manners, store, hooks: files, keyboard: host.terminal, audit: host.audit },
        ...{ resetCommandOf: () => undefined, tracer: host.tracer, log: silentLog, newId: () => "epoch" },
      },
      { hostId: host.hostId, version: "1", pid: 1, runDirectory: RUN_DIRECTORY, listen: [] },
    );
    return this.#node.connect();
  }

  async stop(): Promise<void> {
    await this.#node?.[Symbol.asyncDispose]();
    this.store = memoryMessageStore({ records: this.records });
  }

  /** Lets the node be, which can write nothing any more. */
  abandon(): RunningNode | undefined {
    this.store.refusal = "killed";
    this.store = memoryMessageStore({ records: this.records });
    return this.#node;
  }

  /** The agent's hook leaves an event, now or at another time. */
  say(report: AgentReport, atUnixMs = Date.now()): void {
    this.#events += 1;
    const ns = BigInt(atUnixMs) * 1_000_000n + BigInt(this.#events);
    this.files.leave(`${ns}-77.lead.json`, report);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** A client of such a node. */
export type Client = Awaited<ReturnType<Rig["start"]>>["client"];

/** Waits until the row of `lead` is as wanted. */
export async function untilRow(client: Client, what: string, isSo: (row: Agent) => boolean): Promise<Agent> {
  return await eventually(what, async () => (await client.list({})).agents.find((row) => row.name === "lead" && isSo(row)));
}

/** Sends a message to `lead`. */
export const send = (
  client: Client,
  messageId: string,
  text: string,
  waitFor = DeliveryState.ENTERED as DeliveryState,
  waitMs = 5000,
) => client.send({ agent: { name: "lead" }, messageId, text, waitFor, waitMs });
