import type { Checker } from "./findings.ts";
import type { SourcePatch } from "./module-hooks.ts";

/** A fault put into our own code, to see that a checker finds it. */
export interface Mutant extends SourcePatch {
  readonly name: string;
  /** Checkers of which one must be the first to find it. */
  readonly caughtBy: readonly Checker[];
}

const aggregator = "packages/aggregator/src";
const watch = "packages/core/src/watch";

/** Our mutants. One that no longer fits its source fails its test: it must be written anew, not dropped. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "rows and hosts that a snapshot does not name stay (W4 dropped)",
    file: `${watch}/fleet-view.ts`,
    find: "      this.#state = staged;\n",
    replace:
      "      for (const host of this.#state.hosts()) for (const { row, rev: old } of this.#state.rowsOf(host))\n" +
      '        if (staged.host(host) && !staged.row(agentKeyOf(row))) staged.apply({ kind: "upsert", row }, old);\n' +
      "      this.#state = staged;\n",
    caughtBy: ["C1", "C3"],
  },
  {
    name: "an empty snapshot counts as no change (W5 dropped)",
    file: `${watch}/fleet-view.ts`,
    find: "    return this.#verify(end, staged, () => {\n",
    replace:
      "    if (end.rowCount === 0 && this.#state.rowCount > 0) {\n" +
      "      this.#staged = undefined;\n      this.#lastRev = rev;\n" +
      '      return this.#accept(end.resumeToken, { kind: "changed", changes: [], isSnapshot: true });\n    }\n' +
      "    return this.#verify(end, staged, () => {\n",
    caughtBy: ["C1", "C3", "C5"],
  },
  {
    name: "digest and counts of bookmarks are not looked at (W7 dropped)",
    file: `${watch}/fleet-view.ts`,
    find: "    if (isRight) return whenRight();\n",
    replace: "    if (isRight || told.rowCount >= 0) return whenRight();\n",
    caughtBy: ["C3", "C5"],
  },
  {
    name: "the token is inclusive: the last change is told again (W2)",
    file: `${watch}/resume-token.ts`,
    find: '  return { kind: "resume", rev: parts.rev };\n',
    replace: '  return { kind: "resume", rev: parts.rev > 0n ? parts.rev - 1n : parts.rev };\n',
    caughtBy: ["C3"],
  },
  {
    name: "resuming skips a change",
    file: `${watch}/serve-watch.ts`,
    find: '  let cursor = start.kind === "resume" ? start.rev : undefined;\n',
    replace: '  let cursor = start.kind === "resume" ? (start.rev < log.rev ? start.rev + 1n : start.rev) : undefined;\n',
    caughtBy: ["C3"],
  },
  {
    name: "a token of an earlier life is honoured (W3 dropped)",
    file: `${watch}/resume-token.ts`,
    find: '  if (parts.epoch !== expected.epoch) return { kind: "reset", reason: "epoch-changed" };\n',
    replace: "",
    caughtBy: ["C3", "C1", "C5"],
  },
  {
    name: "a reader that fell behind gets the nearest change there is (W3 dropped)",
    file: `${watch}/fleet-log.ts`,
    find: '    if (behind > Math.min(this.#entries.length, this.#capacity)) return "too-old";\n    const start = this.#entries.length - behind;\n',
    replace: "    const start = Math.max(0, this.#entries.length - behind);\n",
    caughtBy: ["C3"],
  },
  {
    name: "a snapshot is not of one instant",
    file: `${watch}/serve-watch.ts`,
    find: "      cursor = log.rev;\n      yield* snapshotFrames(deps, selector, reason);\n",
    replace: "      yield* snapshotFrames(deps, selector, reason);\n      cursor = log.rev;\n",
    caughtBy: ["C3"],
  },
  {
    name: "a tombstone is lost",
    file: `${watch}/watch-frames.ts`,
    find: '      return wanted ? frameOf({ case: "delete", value: change.key }, rev) : undefined;\n',
    replace: '      return wanted && rev % 2n === 0n ? frameOf({ case: "delete", value: change.key }, rev) : undefined;\n',
    caughtBy: ["C3"],
  },
  {
    name: "a handler is not released on abort (W11 dropped)",
    file: `${watch}/serve-watch.ts`,
    find: '  signal.addEventListener("abort", stop, { once: true });\n',
    replace: "",
    caughtBy: ["C7"],
  },
  {
    name: "ages are not summed over hops (W13 dropped)",
    file: `${aggregator}/route-status.ts`,
    find: "Math.round(fresh.ageMs + clock.monotonicMs() - fresh.receivedAtMs)",
    replace: "Math.round(clock.monotonicMs() - fresh.receivedAtMs)",
    caughtBy: ["C2"],
  },
  {
    name: "a silent member's hosts stay LIVE",
    file: `${aggregator}/link.ts`,
    find: "      return HostState.STALE;\n",
    replace: "      return undefined;\n",
    caughtBy: ["C2"],
  },
  {
    name: "a member is LIVE with the first change after a resume, while its age is the old one",
    file: `${aggregator}/upstream.ts`,
    find: 'if (isComplete && this.#link.kind !== "live"',
    replace: 'if (this.#link.kind !== "live"',
    caughtBy: ["C2"],
  },
  {
    name: "nobody watches for silence (W6 dropped)",
    file: `${aggregator}/upstream.ts`,
    find: "      this.#watchSilence(call, watchdog.signal);\n",
    replace: "",
    caughtBy: ["C2", "C5"],
  },
  {
    name: "a host that can't be reached leaves the answer (membership not strict)",
    file: `${aggregator}/host-table.ts`,
    find: "    const { member, view } = upstream;\n    const told = this.#believedOf",
    replace:
      '    const { member, view } = upstream;\n    if (upstream.link.kind === "lost") return [];\n    const told = this.#believedOf',
    caughtBy: ["C1"],
  },
  {
    name: "a row is taken from whoever tells it (ownership off)",
    file: `${aggregator}/host-table.ts`,
    find: "    if (this.#owners.get(hostKeyOfChange(change)) !== upstream) return false;\n",
    replace: "",
    caughtBy: ["C1", "C3", "C5"],
  },
  {
    name: "our own word that comes back by a loop is believed",
    file: `${aggregator}/host-table.ts`,
    find: "host.via.includes(this.ownId)",
    replace: "host.via.length > 1000",
    caughtBy: ["C1", "C2", "C5", "C7"],
  },
  {
    name: "hosts behind a dead aggregator are forgotten with a restart",
    file: `${aggregator}/host-table.ts`,
    find: 'member.role === "aggregator" ? this.#known.of(member.name) : [];',
    replace: "[] as readonly HostName[];",
    caughtBy: ["C1"],
  },
  {
    name: "whoever answers at a node's address is taken for it",
    file: `${aggregator}/who-answers.ts`,
    find: 'return member.role === "aggregator" || (host.host === member.name && host.tenantId === member.tenantId);',
    replace: "return true;",
    caughtBy: ["C1", "C2", "C5"],
  },
  {
    name: "a member that left membership keeps its hosts",
    file: `${aggregator}/member-set.ts`,
    find: "      this.#table.remove(upstream);\n",
    replace: "",
    caughtBy: ["C1"],
  },
];

/** @throws Error when there is none of that name */
export function findMutant(name: string): Mutant {
  const found = MUTANTS.find((mutant) => mutant.name === name);
  if (!found) throw new Error(`no mutant is called ${name}; there are ${MUTANTS.map((each) => each.name).join(", ")}`);
  return found;
}
