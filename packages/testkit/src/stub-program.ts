import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { type HeartbeatRequest, HeartbeatRequestSchema, HeartbeatStatus } from "@mosaic/wire";
import type { FakeTerminal } from "./fake-terminal.ts";

/** How a stub agent answers. */
export interface StubManners {
  /** True: it never reports anything, like a runtime without hooks. */
  isSilent?: boolean;
  /** True: its turns end only when `endTurns` is called. */
  holdsTurns?: boolean;
}

/** The stub agent of the fake hosts: takes each submitted line as a prompt, reports it with its hash, prints an answer and
 *  reports the end of the turn. */
export class StubProgram {
  readonly #terminal: FakeTerminal;
  readonly #session: string;
  readonly #report: (request: HeartbeatRequest) => Promise<void>;
  readonly name: string;
  manners: StubManners = {};
  /** Every prompt it took, oldest first. */
  readonly prompts: string[] = [];
  #openTurns: string[] = [];

  constructor(name: string, session: string, terminal: FakeTerminal, report: (request: HeartbeatRequest) => Promise<void>) {
    this.name = name;
    this.#session = session;
    this.#terminal = terminal;
    this.#report = report;
  }

  /** Takes a prompt. */
  async take(text: string): Promise<void> {
    this.prompts.push(text);
    if (this.manners.isSilent) return;
    const turnId = `${this.name}-turn-${this.prompts.length}`;
    this.#openTurns.push(turnId);
    const textSha256 = createHash("sha256").update(text).digest("hex");
    await this.say({ status: HeartbeatStatus.BUSY, turnId, accepted: [{ textSha256, turnId }] });
    if (!this.manners.holdsTurns) await this.endTurns();
  }

  /** Ends every open turn. */
  async endTurns(): Promise<void> {
    const ended = this.#openTurns;
    this.#openTurns = [];
    if (this.#terminal.sessions.includes(this.#session)) this.#terminal.print(this.#session, `done: ${ended.join(" ")}`);
    await this.say({ status: HeartbeatStatus.IDLE, turnId: ended.at(-1) ?? "", endedTurnIds: ended });
  }

  /** Reports something of itself, as its hook would. */
  async say(report: {
    status: HeartbeatStatus;
    turnId?: string;
    accepted?: { textSha256: string; turnId: string }[];
    endedTurnIds?: string[];
    waitingFor?: string;
  }) {
    await this.#report(create(HeartbeatRequestSchema, { agent: { name: this.name }, pid: 4242, ...report }));
  }
}
