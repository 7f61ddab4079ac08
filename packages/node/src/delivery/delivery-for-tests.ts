import { create } from "@bufbuild/protobuf";
import {
  type AgentReport,
  passThroughTracer,
  silentLog,
  type TerminalClient,
  type TerminalServer,
  type Tracer,
} from "@mosaic/core";
import type { PassText } from "@mosaic/core/guardrails";
import { anAgent, FakeClock, FakeTerminal, memoryMessageStore, memoryRecords, RecordingAudit } from "@mosaic/testkit";
import {
  type Agent,
  type Approval,
  DeliveryState,
  Evidence,
  type HeartbeatStatus,
  type InjectionPolicy,
  PaneSchema,
  type Receipt,
  ResetRequestSchema,
  SendRequestSchema,
} from "@mosaic/wire";
import { AttachRoll } from "../attach-roll.ts";
import { Delivery } from "./delivery.ts";
import { enumName } from "./enum-names.ts";
import type { RuntimeManners } from "./manners.ts";
import { sha256 } from "./message-hashes.ts";

export interface DeliveryRig {
  readonly agents?: readonly string[];
  readonly manners?: RuntimeManners;
  readonly tracer?: Tracer;
  /** What texts pass. Default: nothing. */
  readonly passText?: PassText | undefined;
}

export interface SendOptions {
  readonly to?: string;
  readonly waitFor?: DeliveryState;
  readonly waitMs?: number;
  readonly expiresInMs?: number;
  readonly policy?: InjectionPolicy;
  readonly sourceLabel?: string;
  readonly signal?: AbortSignal;
}

const never = new AbortController().signal;

/** A host's agents in a terminal, and deliveries to them: one process after the other, over one store. The agents report only
 *  what a test makes them report. */
export class DeliveryHost {
  readonly clock = new FakeClock();
  readonly terminal = new FakeTerminal(this.clock);
  readonly audit = new RecordingAudit();
  readonly roll = new AttachRoll();
  readonly rows = new Map<string, Agent>();
  readonly manners: { -readonly [Key in keyof RuntimeManners]: RuntimeManners[Key] };
  readonly tracer: Tracer;
  readonly #records = memoryRecords();
  store = memoryMessageStore({ records: this.#records });
  draft: string | undefined;
  clients: TerminalClient[] = [];
  said: { status: HeartbeatStatus; approvals: Approval[]; atUnixMs?: number } | undefined;
  delivery: Delivery;
  /** What texts pass; takes effect with the next process. */
  passText: PassText | undefined;
  #kill = () => {};

  constructor({ agents = ["lead"], manners = {}, tracer = passThroughTracer, passText }: DeliveryRig = {}) {
    this.tracer = tracer;
    this.passText = passText;
    this.manners = { draftOn: () => this.draft, ...manners };
    for (const name of agents) {
      this.terminal.addSession(name, "stub");
      this.terminal.print(name, "ready");
      this.rows.set(name, anAgent({ name }));
      this.showPane(name);
    }
    this.delivery = this.#start();
  }

  /** Brings an agent's row up to what its pane is now. */
  showPane(name: string, fields: Partial<Pick<Agent, "systemd">> = {}): void {
    const { paneId, session, columns, pid, isDead } = this.terminal.pane(name);
    const pane = create(PaneSchema, { paneId, session, alive: !isDead, columns, pid });
    this.rows.set(name, { ...anAgent({ name }), pane, ...fields });
  }

  /** Kills the process, which does nothing more, and starts the next one on what it left on disk. */
  async crash(whileDown: () => Promise<void> = async () => {}): Promise<void> {
    this.store.refusal = "the process was killed";
    this.#kill();
    this.store = memoryMessageStore({ records: this.#records });
    await whileDown();
    this.delivery = this.#start();
  }

  send(messageId: string, text: string, options: SendOptions = {}): Promise<Receipt> {
    const { to = "lead", waitFor = DeliveryState.ENTERED, waitMs = 0, expiresInMs = 0, policy = 0, sourceLabel = "" } = options;
    const request = create(SendRequestSchema, { messageId, text, waitFor, waitMs, expiresInMs, policy, sourceLabel });
    const span = this.tracer.startSpan("send");
    return this.delivery.send(request, this.rows.get(to) ?? anAgent({ name: to }), span, options.signal ?? never);
  }

  reset(messageId: string, waitMs = 0): Promise<Receipt> {
    const request = create(ResetRequestSchema, { messageId, sourceLabel: "desk:ada", waitMs });
    return this.delivery.reset(request, "/clear", this.rows.get("lead") ?? anAgent(), this.tracer.startSpan("reset"), never);
  }

  /** The agent says that it took a text. */
  accept(
    text: string,
    turnId: string,
    { name = "lead", atUnixMs = this.clock.nowUnixMs(), ...own }: { name?: string; atUnixMs?: number } & OwnTelemetry = {},
  ): Promise<void> {
    const accepted = [{ hashes: new Set([sha256(text)]), turnId, evidence: Evidence.HOOK }];
    return this.delivery.noteEvidence(name, { accepted, atUnixMs, evidence: Evidence.HOOK, ...own });
  }

  /** The agent says that a turn ended, well or not. */
  endTurn(turnId: string, broken?: { isInterrupted: boolean; detail: string }, name = "lead"): Promise<void> {
    const ends = broken ? { brokenTurns: [{ turnId, ...broken }] } : { endedTurnIds: [turnId] };
    return this.delivery.noteEvidence(name, { accepted: [], ...ends, atUnixMs: this.clock.nowUnixMs(), evidence: Evidence.HOOK });
  }

  /** Everything pasted and pressed, oldest first. */
  get typed(): string[] {
    return this.terminal.typed.map((input) => input.value);
  }

  receipt(messageId: string): Receipt | undefined {
    return this.store.get(messageId)?.receipt;
  }

  /** The names of the states that a message went through. */
  steps(messageId: string): string[] {
    return this.receipt(messageId)?.steps.map(({ state }) => enumName(DeliveryState, state).toUpperCase()) ?? [];
  }

  #start(): Delivery {
    const { clock, audit, roll, tracer } = this;
    let isDead = false;
    this.#kill = () => {
      isDead = true;
    };
    const ofLiving =
      <Call extends unknown[], Result>(call: (...args: Call) => Promise<Result>) =>
      (...args: Call): Promise<Result> =>
        isDead ? new Promise(() => {}) : call(...args);
    const terminal: TerminalServer = {
      listPanes: ofLiving((signal) => this.terminal.listPanes(signal)),
      capture: ofLiving((...args) => this.terminal.capture(...args)),
      paste: ofLiving((...args) => this.terminal.paste(...args)),
      pressKey: ofLiving((...args) => this.terminal.pressKey(...args)),
      onChange: (listener) => this.terminal.onChange(listener),
      watchOutput: (session, listener) => this.terminal.watchOutput(session, listener),
    };
    const delivery = new Delivery({
      ...{ store: this.store, clock, terminal, audit, roll, tracer, log: silentLog },
      clients: { listClients: async () => this.clients },
      mannersOf: () => this.manners,
      rowOf: (name) => this.rows.get(name),
      saidOf: () => this.said,
      refresh: async () => {},
      passText: this.passText,
    });
    delivery.start();
    return delivery;
  }
}

/** What became of a promise by now. */
export function watched<T>(promise: Promise<T>): { value: T | undefined } {
  const box: { value: T | undefined } = { value: undefined };
  void promise.then((value) => {
    box.value = value;
  });
  return box;
}

/** What a runtime tells of its own telemetry. */
type OwnTelemetry = Pick<AgentReport, "sessionId" | "traceparent">;
