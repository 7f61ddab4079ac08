import { toJson } from "@bufbuild/protobuf";
import {
  type Agent,
  type AgentJson,
  AgentSchema,
  ConditionSchema,
  type HostStatus,
  type HostStatusJson,
  HostStatusSchema,
} from "@mosaic/wire";
import { type PsAnswer, type PsQuestion, toPsAnswer } from "../fleet/ps-answer.ts";
import type { HostReading } from "../fleet/ps-host.ts";
import type { FleetFeed } from "./fleet-feed.ts";

/** The fleet of a feed as `fleet ps` would answer it at this moment. */
export function feedAnswer(feed: FleetFeed, question: PsQuestion, nowMs: number): PsAnswer {
  const hosts = feed.state.hosts().map((host) => hostReading(feed, host, nowMs));
  const rows = feed.state.rows().map(({ row }) => rowJson(row));
  const conditions = feed.conditions.map((condition) => toJson(ConditionSchema, condition));
  return toPsAnswer(question, feed.via, hosts, rows, conditions, feed.scope);
}

/** One host of a feed with its ages as of now. */
export function hostReading(feed: FleetFeed, host: HostStatus, nowMs: number): HostReading {
  return { status: hostJson(host), ...feed.ageOf(host, nowMs) };
}

/** A row in its JSON form. */
export function rowJson(row: Agent): AgentJson {
  return cached(rows, row, () => toJson(AgentSchema, row));
}

function hostJson(host: HostStatus): HostStatusJson {
  return cached(hosts, host, () => toJson(HostStatusSchema, host));
}

// Messages are replaced and never changed, so their JSON holds as long as they do: a redraw every second stays cheap.
const rows = new WeakMap<Agent, AgentJson>();
const hosts = new WeakMap<HostStatus, HostStatusJson>();

function cached<K extends WeakKey, V>(cache: WeakMap<K, V>, key: K, make: () => V): V {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  cache.set(key, made);
  return made;
}
