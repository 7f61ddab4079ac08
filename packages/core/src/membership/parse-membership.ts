import { parse } from "yaml";
import { MosaicError } from "../errors.ts";
import { isMapping } from "../text/json-values.ts";
import { type Address, parseAddress } from "./address.ts";

/** One expected member: a host's node, or another aggregator with the hosts behind it. */
export interface Member {
  /** The host's name as it is expected to give it; for an aggregator a name of the file's own. */
  readonly name: string;
  /** The tenant that is expected; empty for an aggregator. */
  readonly tenantId: string;
  readonly role: "node" | "aggregator";
  /** Where it may be reached, best first; at least one. */
  readonly addresses: readonly [Address, ...Address[]];
  /** The host's random id, where somebody said it: nobody else is then taken for the host. */
  readonly hostId?: string | undefined;
  /** Who expects it, and who knows an address of it: `file`, `command`, `dns-srv`; ordered. */
  readonly sources?: readonly string[];
  /** Set while it is taken out of service on purpose: by whom and why, for people. */
  readonly draining?: string | undefined;
}

/** Parses a membership file: a YAML or JSON list of groups, the shape Prometheus calls `file_sd`. Each group is one member:
 *  `targets` are its addresses and `labels` say who it is (`host`, `tenant`, `role: aggregator` for another aggregator, and
 *  `host_id` where nobody else may be taken for the host).
 *  `[]` is a fleet of no hosts; an empty file is not: it looks like one that is being written.
 *  @throws MosaicError MEMBERSHIP_INVALID naming the group and what is wrong with it. */
export function parseMembership(text: string, file: string): Member[] {
  const groups = parseYaml(text, file);
  if (groups === null || groups === undefined) throw invalid(file, "it is empty; a fleet of no hosts is written []");
  if (!Array.isArray(groups)) throw invalid(file, "it must be a list of groups");
  const members = groups.map((group, index) => parseGroup(group, `${file}: group ${index + 1}`));
  assertNoTwins(members, file);
  return members;
}

/** Names a member for people: `team-a/alpha`, or an aggregator's own name. */
export function memberName(member: Pick<Member, "name" | "tenantId">): string {
  return member.tenantId === "" ? member.name : `${member.tenantId}/${member.name}`;
}

/** Names a member for machines: no two of a membership have the same key. */
export function memberKey({ role, tenantId, name }: Pick<Member, "role" | "tenantId" | "name">): string {
  return `${role} ${tenantId}/${name}`;
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch (thrown) {
    throw invalid(file, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function parseGroup(group: unknown, where: string): Member {
  if (!isMapping(group)) throw invalid(where, "it must have targets and labels");
  const unknownKey = Object.keys(group).find((key) => key !== "targets" && key !== "labels");
  if (unknownKey !== undefined) throw invalid(where, `unknown key "${unknownKey}"`);
  const labels = parseLabels(group["labels"], where);
  const role = labels["role"] ?? "node";
  if (role !== "node" && role !== "aggregator") throw invalid(where, `labels.role is "${role}"; it may be node or aggregator`);
  const name = labels["host"] ?? "";
  if (!NAME.test(name)) throw invalid(where, `labels.host ${JSON.stringify(name)} must match ${NAME.source}`);
  const tenantId = labels["tenant"] ?? "";
  if (role === "node" && !NAME.test(tenantId))
    throw invalid(where, `labels.tenant ${JSON.stringify(tenantId)} must match ${NAME.source}`);
  const hostId = labels["host_id"];
  if (hostId !== undefined && !NAME.test(hostId))
    throw invalid(where, `labels.host_id ${JSON.stringify(hostId)} must match ${NAME.source}`);
  const addresses = parseTargets(group["targets"], where);
  return { name, tenantId: role === "node" ? tenantId : "", role, addresses, ...(hostId === undefined ? {} : { hostId }) };
}

function parseLabels(labels: unknown, where: string): Record<string, string> {
  if (!isMapping(labels)) throw invalid(where, "labels must be a mapping with at least host");
  for (const [key, value] of Object.entries(labels)) {
    if (!["host", "tenant", "role", "host_id"].includes(key)) throw invalid(where, `unknown label "${key}"`);
    if (typeof value !== "string") throw invalid(where, `labels.${key} must be text`);
  }
  return labels as Record<string, string>;
}

function parseTargets(targets: unknown, where: string): [Address, ...Address[]] {
  if (!Array.isArray(targets)) throw invalid(where, "targets must be a list of addresses");
  const [first, ...others] = targets.map((target) => {
    try {
      return parseAddress(String(target));
    } catch (thrown) {
      throw invalid(where, MosaicError.from(thrown).message);
    }
  });
  if (!first) throw invalid(where, "targets is empty");
  return [first, ...others];
}

function assertNoTwins(members: readonly Member[], file: string): void {
  const seen = new Set<string>();
  for (const member of members) {
    const name = `${member.role} ${memberName(member)}`;
    if (seen.has(name)) throw invalid(file, `${name} is there twice; list its addresses in one group`);
    seen.add(name);
  }
}

function invalid(where: string, what: string): MosaicError {
  return new MosaicError("MEMBERSHIP_INVALID", `${where}: ${what}`, {
    hint: 'each group looks like: - targets: ["127.0.0.1:8787"]  labels: { host: alpha, tenant: team-a }',
  });
}

const NAME = /^[A-Za-z0-9_.-]{1,253}$/;
