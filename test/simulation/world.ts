import type { Member } from "@mosaic/aggregator";
import { type Log, silentLog } from "@mosaic/core";
import type { ListAnswer } from "@mosaic/rpc";
import { HostState, type ListRequest, type WatchResponse } from "@mosaic/wire";
import { type Answerer, checkConservation, checkFreshness } from "./answer-checks.ts";
import type { FrameTap, NetworkTaps, Stamp } from "./carrier.ts";
import { Findings } from "./findings.ts";
import type { History } from "./history.ts";
import { Knowledge } from "./knowledge.ts";
import type { Topology } from "./plan.ts";
import { ShownHosts } from "./shown-hosts.ts";
import { endpointOf, SimAggregator } from "./sim-aggregator.ts";
import { SimNetwork } from "./sim-network.ts";
import { SimNode } from "./sim-node.ts";
import type { SimLife, SimProcess } from "./sim-process.ts";
import { SimTime } from "./sim-time.ts";
import { SimWatcher } from "./sim-watcher.ts";
import { StreamRecord } from "./stream-record.ts";

/** A simulated fleet with everything that looks at it. */
export class World {
  readonly time: SimTime;
  readonly findings = new Findings(() => this.time.nowMs);
  readonly network: SimNetwork;
  readonly random: () => number;
  readonly history: History;
  readonly nodes = new Map<string, SimNode>();
  readonly aggregators = new Map<string, SimAggregator>();
  readonly watchers: readonly SimWatcher[];
  readonly #topology: Topology;
  readonly #knowledge = new Knowledge();
  readonly shown: ShownHosts;
  readonly #records = new WeakMap<SimLife, Map<string, StreamRecord>>();
  /** Hosts that were last behind a member, by aggregator and member, over all lives. */
  readonly #remembered = new Map<string, readonly string[]>();
  /** When somebody last asked for a live answer, in ms, and how many answers that made. */
  lastQuestionMs = Number.NEGATIVE_INFINITY;
  questions = 0;
  #liveAnswers = 0;
  areAddressesSwapped = false;
  /** Changes that were lost on purpose. */
  losses = 0;
  readonly counts = { answers: 0, frames: 0, resets: 0, resumes: 0 };

  /** @param options.isChecked false: nobody looks at answers and frames, so that only the product's own work is done */
  constructor(topology: Topology, random: () => number, history: History, { isChecked = true } = {}) {
    this.time = isChecked ? new SimTime() : new SimTime(Number.POSITIVE_INFINITY);
    this.#topology = topology;
    this.random = random;
    this.history = history;
    this.network = new SimNetwork(
      this.time,
      random,
      !isChecked
        ? UNSEEN
        : {
            onProduce: (server, frame) => this.#stamp(server, frame),
            onLoss: (client, address) => {
              this.losses += 1;
              this.recordOf(client, memberAt(address))?.lose();
            },
            onWatch: (...of) => this.#tap(...of),
          },
    );
    this.network.maxDelayMs = topology.maxDelayMs;
    const clocks = () => ({ drift: (random() - 0.5) * 0.001, wallOffsetMs: Math.round((random() - 0.5) * 1_200_000) });
    const { time, network } = this;
    const { logCapacity } = topology;
    for (const { name, tenantId, agents } of topology.nodes) {
      const node = new SimNode(name, tenantId, { time, random, logCapacity, ...clocks() });
      for (let index = 1; index <= agents; index += 1) node.change(`a${index}`);
      this.nodes.set(name, node);
      this.#place(node);
    }
    for (const { name, level } of topology.aggregators) {
      const onAnswer: ConstructorParameters<typeof SimAggregator>[2]["onAnswer"] = (...of) => this.#onAnswer(...of);
      const onForget: ConstructorParameters<typeof SimAggregator>[2]["onForget"] = (...of) => this.#forget(...of);
      const deps = { network, random, log: this.#log(name), logCapacity, onAnswer, onForget, ...clocks() };
      const aggregator = new SimAggregator(name, level, deps);
      this.aggregators.set(name, aggregator);
      this.#place(aggregator);
    }
    for (const { name, members } of topology.aggregators)
      this.aggregators.get(name)?.edit(members.map((member) => this.memberOf(member)));
    this.watchers = topology.watchers.map(({ name, target }) => new SimWatcher(name, target, network));
    this.shown = new ShownHosts(this.aggregators, this.findings);
  }

  /** Everyone who can be killed, stopped or cut off. */
  get servers(): readonly SimProcess[] {
    return [...this.nodes.values(), ...this.aggregators.values()];
  }

  /** How a membership names a process. */
  memberOf(name: string): Member {
    const node = this.nodes.get(name);
    const role = node ? "node" : "aggregator";
    return { name, tenantId: node?.tenantId ?? "", role, addresses: [endpointOf(name)] };
  }

  /** The members that a fleet was drawn with. */
  plannedMembers(aggregator: string): readonly string[] {
    return this.#topology.aggregators.find(({ name }) => name === aggregator)?.members ?? [];
  }

  async startAll(): Promise<void> {
    for (const node of this.nodes.values()) node.start();
    for (const aggregator of this.aggregators.values()) await aggregator.start();
    for (const watcher of this.watchers) watcher.start();
  }

  /** Asks an aggregator at once, past the network. */
  async ask(aggregator: SimAggregator, request: ListRequest): Promise<ListAnswer | undefined> {
    const { life } = aggregator;
    if (!life?.served || life.isStopped) return undefined;
    const { handlers } = life.served;
    // Its own context is not looked at by an answer from memory.
    return await handlers.list(request, { signal: new AbortController().signal } as Parameters<typeof handlers.list>[1]);
  }

  #place(process: SimProcess): void {
    // Two addresses each, so that a member can move.
    this.network.put(process.name, process);
    this.network.put(`${process.name}-b`, process);
  }

  #log(name: string): Log {
    const told = (_fields: unknown, message: string) => {
      // Where a change was lost, to notice is right; there the record looks that it is noticed.
      if (/diverged/.test(message) && this.losses === 0) this.findings.look("C3", `${name}: ${message}`);
    };
    return { ...silentLog, warn: told, error: (_fields, message) => this.findings.look("C7", `${name}: ${message}`) };
  }

  #onAnswer(aggregator: SimAggregator, life: SimLife, request: ListRequest, answer: ListAnswer): void {
    this.counts.answers += 1;
    const { nowMs } = this.time;
    const { name, id, members } = aggregator;
    const answerer: Answerer = {
      ...{ name, id, members },
      isInLoop: this.shown.isInLoop(name),
      areAddressesSwapped: this.areAddressesSwapped,
      recordOf: (member) => this.recordOf(life, member.name),
      remembered: (member) => this.#remembered.get(`${name} ${member.name}`),
      knows: (host) => this.#knowledge.best(life, host),
      node: (host) => {
        const node = this.nodes.get(host);
        const lastRanMs = node?.lastRanMs(nowMs) ?? 0;
        return node && { lastRanMs, lastReadMs: node.lastReadMs(lastRanMs), wasBlindSince: (ms) => node.wasBlindSince(ms) };
      },
    };
    if (request.live) {
      this.#liveAnswers += 1;
      const isRound = this.#liveAnswers > mostAnswers(this.aggregators.size) * this.questions;
      this.findings.look("C7", isRound ? `${this.questions} live questions made ${this.#liveAnswers} answers` : undefined);
    }
    checkConservation(answerer, request, answer, this.findings);
    checkFreshness(answerer, request, answer, nowMs, this.findings);
    this.findings.look("C7", tooMuchSaid(name, answer));
    this.shown.check(aggregator, life, request, answer);
    this.history.note(
      () => `${Math.round(nowMs)} ${life.name} ${request.live ? "answers live" : "answers"} ${textOfAnswer(answer)}`,
    );
  }

  /** What a life was told by a server of a name. */
  recordOf(life: SimLife, server: string): StreamRecord | undefined {
    return this.#records.get(life)?.get(server);
  }

  #tap(client: SimLife, server: SimLife, address: string, token: Uint8Array): FrameTap {
    const records = this.#records.get(client) ?? new Map<string, StreamRecord>();
    this.#records.set(client, records);
    // By who is expected there, which is who a member is: an address may be somebody else's for a while.
    const name = memberAt(address);
    const record = records.get(name) ?? new StreamRecord(`${client.name} from ${name}`, this.findings);
    records.set(name, record);
    record.begin(token);
    return (frame, stamp) => {
      this.counts.frames += 1;
      if (frame.frame.case === "reset") this.counts.resets += 1;
      this.history.note(() => `${Math.round(this.time.nowMs)} ${client.name} < ${server.name} ${textOfFrame(frame)}`);
      record.take(frame);
      this.#remember(client, name, record);
      if (stamp) this.#knowledge.learn(client, name, stamp, this.time.nowMs);
    };
  }

  #remember(client: SimLife, member: string, record: StreamRecord): void {
    const aggregator = this.aggregators.get(client.process.name);
    if (!aggregator || !record.isComplete || !this.aggregators.has(member)) return;
    this.#remembered.set(`${aggregator.name} ${member}`, record.hostsNotVia(aggregator.id));
  }

  #forget(aggregator: SimAggregator, life: SimLife, { name }: Member): void {
    this.#remembered.delete(`${aggregator.name} ${name}`);
    this.#records.get(life)?.delete(name);
  }

  #stamp(server: SimLife, frame: WatchResponse): Stamp | undefined {
    const { nowMs } = this.time;
    const node = this.nodes.get(server.process.name);
    const hosts = node ? [node.name] : this.nodes.keys();
    return this.#knowledge.stampOf(frame, nowMs, hosts, (host) => {
      if (!node) return this.#knowledge.best(server, host);
      const readMs = node.lastReadMs(nowMs);
      return { toldAtMs: nowMs, trueAtMs: readMs, reckonedAtMs: readMs };
    });
  }
}

const UNSEEN: NetworkTaps = { onProduce: () => undefined, onLoss: () => {}, onWatch: () => () => {} };

// A question is passed on over at most three aggregators and comes to none of them twice; each asks a member once more if it fails.
function mostAnswers(aggregators: number): number {
  const [second, third] = [aggregators - 1, aggregators - 2];
  return 1 + 2 * second + 4 * second * Math.max(0, third);
}

function memberAt(address: string): string {
  return address.replace(/-b$/, "");
}

// What an answerer says of itself must not grow with how long the fleet runs.
function tooMuchSaid(name: string, { conditions = [] }: ListAnswer): string | undefined {
  const longest = Math.max(0, ...conditions.map(({ message }) => message?.length ?? 0));
  if (conditions.length <= 40 && longest <= 400) return undefined;
  return `${name} answers with ${conditions.length} conditions, the longest of ${longest} characters`;
}

function textOfFrame({ frame, rev }: WatchResponse): string {
  const { value } = frame;
  if (frame.case === "host")
    return `${rev} host ${frame.value.host} "${frame.value.hostId}" ${stateName(frame.value.state)} ${frame.value.ageMs}`;
  if (frame.case === "hostRemoved") return `${rev} host-removed ${frame.value.host} "${frame.value.hostId}"`;
  if (frame.case === "upsert") return `${rev} upsert ${frame.value.host} ${frame.value.name} ${frame.value.sessionId}`;
  return `${rev} ${frame.case}${value && "name" in value ? ` ${value.name}` : ""}`;
}

function stateName(state: HostState): string {
  return Object.entries(HostState).find(([, value]) => value === state)?.[0] ?? String(state);
}

function textOfAnswer({ hosts, rows }: ListAnswer): string {
  const states = hosts.map((host) => `${host.tenantId}/${host.host}:${stateName(host.state)}:${host.ageMs}`);
  return `${states.join(" ")} | ${rows.map((row) => row.sessionId).join(" ")}`;
}
