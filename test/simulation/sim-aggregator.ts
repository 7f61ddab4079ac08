import { type Member, type RunningAggregator, startAggregator } from "@mosaic/aggregator";
import { type Log, passThroughTracer } from "@mosaic/core";
import type { ListAnswer } from "@mosaic/rpc";
import { memoryMessageStore } from "@mosaic/testkit";
import type { ListRequest } from "@mosaic/wire";
import { memoryKnownHosts } from "../../packages/aggregator/src/known-hosts.ts";
import { simulatedListeners } from "./serve-in-memory.ts";
import type { SimNetwork } from "./sim-network.ts";
import { type SimLife, SimProcess } from "./sim-process.ts";

export interface SimAggregatorDeps {
  readonly network: SimNetwork;
  readonly random: () => number;
  readonly log: Log;
  readonly logCapacity: number;
  readonly drift: number;
  readonly wallOffsetMs: number;
  /** A running aggregator was told that a member is none any more. */
  readonly onForget: (aggregator: SimAggregator, life: SimLife, member: Member) => void;
  /** Looks at every answer at the moment it is given. */
  readonly onAnswer: (aggregator: SimAggregator, life: SimLife, request: ListRequest, answer: ListAnswer) => void;
}

/** The real aggregator in a simulated process. */
export class SimAggregator extends SimProcess {
  /** How many hops lie between it and the farthest node. */
  readonly level: number;
  readonly id: string;
  /** What its membership file says; outlives it, as does what it noted of hosts behind further aggregators. */
  #file: readonly Member[] = [];
  readonly #knownHosts = memoryKnownHosts();
  /** The members that its life has taken in. */
  members: readonly Member[] = [];
  readonly #deps: SimAggregatorDeps;
  #running: RunningAggregator | undefined;
  readonly #all: RunningAggregator[] = [];
  #onMembership = () => {};

  constructor(name: string, level: number, deps: SimAggregatorDeps) {
    super(name, deps.drift, deps.wallOffsetMs);
    this.level = level;
    this.id = `id-${name}`;
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { network, random, log, logCapacity, onAnswer } = this.#deps;
    const life = this.begin(network.time);
    const onChange = { call: () => {} };
    this.#onMembership = () => onChange.call();
    simulatedListeners.set(this.name, ({ handlers, streams }) => {
      const list: typeof handlers.list = async (request, context) => {
        const answer = await handlers.list(request, context);
        if (!life.isDead) onAnswer(this, life, request, answer);
        return answer;
      };
      life.served = { handlers: { ...handlers, list }, streams };
    });
    let ids = 0;
    const newId = () => {
      ids += 1;
      return `${life.name}-${ids}`;
    };
    this.members = this.#file;
    const membership = () => this.#file;
    const running = await startAggregator(
      {
        ...{
          clock: life.clock,
          log,
          tracer: passThroughTracer,
          random,
          newId,
          store: memoryMessageStore(),
          knownHosts: this.#knownHosts,
        },
        connect: (endpoint) => network.connect(life, endpoint.kind === "tcp" ? endpoint.hostname : ""),
        openMembership: async (changed) => {
          onChange.call = changed;
          return {
            get value() {
              return membership();
            },
            problem: undefined,
            reload: async () => {},
            [Symbol.dispose]() {},
          };
        },
      },
      { id: this.id, host: this.name, version: "sim", pid: 1, listen: [endpointOf(this.name)], logCapacity },
    );
    this.#all.push(running);
    if (!life.isDead) this.#running = running;
  }

  /** What its membership file says now, whether it has read it or not. */
  get file(): readonly Member[] {
    return this.#file;
  }

  /** Edits its membership file; it reads it as soon as it runs. */
  edit(file: readonly Member[]): void {
    this.#file = file;
    const { life } = this;
    life?.clock.whenAwake(() => {
      const names = new Set(this.#file.map(({ name }) => name));
      for (const member of this.members) if (!names.has(member.name)) this.#deps.onForget(this, life, member);
      this.members = this.#file;
      this.#onMembership();
    });
  }

  /** Ends what is left of lives that were killed: nothing of it runs, but the platform would hold on to it. */
  bury(): void {
    for (const running of this.#all) void running[Symbol.asyncDispose]();
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    await this.#running?.[Symbol.asyncDispose]();
  }
}

/** A place of the simulated network. */
export function endpointOf(address: string): { kind: "tcp"; hostname: string; port: number } {
  return { kind: "tcp", hostname: address, port: 1 };
}
