import { create } from "@bufbuild/protobuf";
import type { Member } from "@mosaic/aggregator";
import { ListRequestSchema } from "@mosaic/wire";
import type { PlannedStep, StepKind } from "./plan.ts";
import { endpointOf, type SimAggregator } from "./sim-aggregator.ts";
import type { SimNode } from "./sim-node.ts";
import type { SimProcess } from "./sim-process.ts";
import type { World } from "./world.ts";

/** Lets one step of a plan happen. @returns what it was, for the history */
export function performStep(world: World, { what, luck }: PlannedStep): string {
  const detail = STEPS[what](world, luck);
  return `${what} ${detail}`;
}

/** Puts everything right again: whoever is dead lives, who is stopped goes on, every way is open. Memberships stay as edited. */
export async function healWorld(world: World): Promise<void> {
  world.network.healAll();
  world.network.dropHalves();
  for (const process of world.servers) {
    putBack(world, process);
    if (process.life?.isStopped) goOn(world, process);
    if (!process.life) await start(process);
  }
  for (const node of world.nodes.values()) if (node.isBlind) node.see();
  for (const watcher of world.watchers) {
    watcher.frameMs = 0;
    if (watcher.life?.isStopped) goOn(world, watcher);
  }
}

type Luck = PlannedStep["luck"];

const STEPS: Record<StepKind, (world: World, luck: Luck) => string> = {
  change: (world, luck) => changeRows(world, luck, 1),
  burst: (world, luck) => changeRows(world, luck, 12),
  flood: (world, luck) => changeRows(world, luck, 80),
  remove(world, [whom, which]) {
    const node = one(nodesOf(world), whom);
    const name = [...node.agents.keys()][Math.floor(which * node.agents.size)];
    if (name !== undefined) node.remove(name);
    return `${node.name} ${name}`;
  },
  "remove-all"(world, [whom]) {
    const node = one(nodesOf(world), whom);
    node.removeAll();
    return node.name;
  },
  "cut-one-way"(world, [from, to]) {
    const [a, b] = twoEnds(world, from, to);
    world.network.cut(a, b);
    return `${a.name}>${b.name}`;
  },
  "cut-both-ways"(world, [from, to]) {
    const [a, b] = twoEnds(world, from, to);
    world.network.cut(a, b);
    world.network.cut(b, a);
    return `${a.name}=${b.name}`;
  },
  heal(world) {
    world.network.healAll();
    return "all";
  },
  kill: (world, [whom]) => end(world, one(world.servers, whom), true),
  "power-off": (world, [whom]) => end(world, one(world.servers, whom), false),
  start(world) {
    const gone = world.servers.filter((process) => !process.life);
    for (const process of gone) void start(process);
    return gone.map(({ name }) => name).join();
  },
  stop(world, [whom]) {
    const process = one([...world.servers, ...world.watchers], whom);
    process.stopRunning(world.time.nowMs);
    world.network.onStop(process);
    return process.name;
  },
  continue(world) {
    const stopped = [...world.servers, ...world.watchers].filter((process) => process.life?.isStopped);
    for (const process of stopped) goOn(world, process);
    return stopped.map(({ name }) => name).join();
  },
  reset(world, [whom]) {
    const process = one(world.servers, whom);
    world.network.reset(process);
    return process.name;
  },
  slow: (world, [whom]) => setPace(world, whom, 700),
  quick: (world, [whom]) => setPace(world, whom, 0),
  stuck: (world, [whom]) => setPace(world, whom, 30_000),
  "drop-member"(world, [whom, which]) {
    const aggregator = one(aggregatorsOf(world), whom);
    const member = aggregator.file[Math.floor(which * aggregator.file.length)];
    if (!member) return "none";
    edited(world, member.name);
    aggregator.edit(aggregator.file.filter((each) => each !== member));
    return `${member.name} of ${aggregator.name}`;
  },
  "add-member"(world, [whom]) {
    const aggregator = one(aggregatorsOf(world), whom);
    const has = new Set(aggregator.file.map(({ name }) => name));
    const missing = world.plannedMembers(aggregator.name).find((name) => !has.has(name));
    if (missing === undefined) return "none";
    edited(world, missing);
    aggregator.edit([...aggregator.file, world.memberOf(missing)]);
    return `${missing} to ${aggregator.name}`;
  },
  "move-member"(world, [whom, which]) {
    const aggregator = one(aggregatorsOf(world), whom);
    const member = aggregator.file[Math.floor(which * aggregator.file.length)];
    if (!member) return "none";
    aggregator.edit(aggregator.file.map((each) => (each === member ? moved(each) : each)));
    return `${member.name} of ${aggregator.name}`;
  },
  "jump-clock"(world, [whom, far]) {
    const process = one(world.servers, whom);
    const ms = Math.round((far - 0.5) * 1_200_000);
    process.wallOffsetMs += ms;
    process.life?.clock.jumpWall(ms);
    return `${process.name} ${ms}`;
  },
  blind(world, [whom]) {
    const node = one(nodesOf(world), whom);
    node.goBlind();
    return node.name;
  },
  see(world) {
    for (const node of nodesOf(world)) if (node.isBlind) node.see();
    return "all";
  },
  "swap-addresses"(world, [whom, other]) {
    const [a, b] = [one(nodesOf(world), whom), one(nodesOf(world), other)];
    world.areAddressesSwapped = true;
    world.network.put(a.name, b);
    world.network.put(b.name, a);
    // As where addresses are handed out anew: what was connected is not any more.
    for (const node of [a, b]) world.network.reset(node);
    return `${a.name} ${b.name}`;
  },
  "lose-change"(world, [whom]) {
    const { name } = one([...aggregatorsOf(world), ...world.watchers], whom);
    world.network.lossy.add(name);
    return name;
  },
  "list-live"(world, [whom]) {
    const aggregator = one(aggregatorsOf(world), whom);
    const client = world.watchers[0]?.life;
    if (!client) return "nobody";
    world.questions += 1;
    world.lastQuestionMs = world.time.nowMs;
    const connection = world.network.connect(client, aggregator.name);
    // What it answers is looked at where it is given; that it fails is one of the things that may happen.
    void connection.client.list(create(ListRequestSchema, { live: true }), { timeoutMs: 6000 }).then(
      () => connection[Symbol.asyncDispose](),
      () => connection[Symbol.asyncDispose](),
    );
    return aggregator.name;
  },
};

function changeRows(world: World, [whom, which]: Luck, count: number): string {
  const node = one(nodesOf(world), whom);
  for (let index = 0; index < count; index += 1) node.change(`a${1 + ((Math.floor(which * 4) + index) % 4)}`);
  return `${node.name} ${count}`;
}

function setPace(world: World, whom: number, frameMs: number): string {
  const watcher = one(world.watchers, whom);
  watcher.frameMs = frameMs;
  return watcher.name;
}

function end(world: World, process: SimProcess, isTold: boolean): string {
  const life = process.end(world.time.nowMs);
  if (life) world.network.onEnd(life, isTold);
  return process.name;
}

async function start(process: SimProcess): Promise<void> {
  await (process as SimNode | SimAggregator).start();
}

function goOn(world: World, process: SimProcess): void {
  process.goOn();
  if (world.nodes.has(process.name)) process.life?.clock.whenAwake(() => (process as SimNode).publish());
  // After the timers that are overdue.
  world.time.after(1, () => world.network.kick());
}

function edited(world: World, member: string): void {
  world.shown.edit(member, (name) => {
    const node = world.nodes.get(name);
    return node && `${node.tenantId}/${name}`;
  });
}

function moved(member: Member): Member {
  const [first] = member.addresses;
  const isMoved = first.kind === "tcp" && first.hostname.endsWith("-b");
  return { ...member, addresses: [endpointOf(isMoved ? member.name : `${member.name}-b`)] };
}

function putBack(world: World, process: SimProcess): void {
  const other = world.network.processAt(process.name);
  if (!other || other === process) return;
  world.network.put(process.name, process);
  for (const each of [process, other]) world.network.reset(each);
}

function twoEnds(world: World, from: number, to: number): [SimProcess, SimProcess] {
  const aggregator = one(aggregatorsOf(world), from);
  const others = [...aggregator.file.flatMap(({ name }) => world.nodes.get(name) ?? world.aggregators.get(name) ?? [])];
  const other =
    one<SimProcess>([...others, ...world.watchers.filter(({ target }) => target === aggregator.name)], to) ?? aggregator;
  return from * 10 - Math.floor(from * 10) < 0.5 ? [aggregator, other] : [other, aggregator];
}

function nodesOf(world: World): SimNode[] {
  return [...world.nodes.values()];
}

function aggregatorsOf(world: World): SimAggregator[] {
  return [...world.aggregators.values()];
}

function one<T>(items: readonly T[], luck: number): T {
  return items[Math.floor(luck * items.length)] as T;
}
