import assert from "node:assert/strict";
import { AgentState, ResetReason, type WatchResponse } from "@mosaic/wire";
import { ROSTER_PATH } from "../../fake-host.ts";
import { list, rowName, rowTexts, watch } from "../case-tools.ts";
import type { ContractCase } from "../contract-case.ts";
import { ownDigest } from "../own-digest.ts";

const isUpsertOf = (name: string) => (response: WatchResponse) =>
  response.frame.case === "upsert" && response.frame.value.name === name;
const isBookmark = (response: WatchResponse) => response.frame.case === "bookmark";

/** What Watch promises of snapshots and changes. */
export const watchCases: readonly ContractCase[] = [
  {
    name: "a new watch is reset, every host, every row, an end that adds up, and a bookmark",
    async run(context) {
      const answer = await list(context);
      await using reader = watch(context);
      const { reset, hosts, rows, end } = await reader.snapshot();
      assert.deepEqual([reset.reason, reset.epoch], [ResetReason.NEW_WATCH, answer.epoch]);
      assert.deepEqual(
        hosts.map((host) => host.hostId),
        context.hosts.map((host) => host.hostId),
      );
      assert.deepEqual(rowTexts(rows.map(({ row }) => row)), rowTexts(answer.agents));
      assert.deepEqual([end.rowCount, end.hostCount], [rows.length, hosts.length]);
      assert.equal(end.digest, ownDigest(rows));
      const { frame } = await reader.next();
      assert.ok(frame.case === "bookmark", `a bookmark was expected, ${frame.case} came`);
      assert.deepEqual(
        [frame.value.rowCount, frame.value.hostCount, frame.value.digest],
        [end.rowCount, end.hostCount, end.digest],
      );
      assert.deepEqual(
        frame.value.hosts.map((host) => host.key?.hostId),
        hosts.map((host) => host.hostId),
      );
      assert.ok(
        frame.value.hosts.every((host) => host.asOfUnixMs > 0n),
        "a bookmark renews every host's age",
      );
    },
  },
  {
    name: "an agent that comes, changes and goes is two upserts and a delete, and the view equals List",
    async run(context) {
      const [alpha] = context.hosts;
      await using reader = watch(context);
      await reader.snapshot();
      alpha.startSession("extra");
      const came = await reader.until(isUpsertOf("extra"));
      alpha.terminal.killProcess("extra", 1);
      const changed = await reader.until(isUpsertOf("extra"));
      assert.equal(changed.frame.case === "upsert" && changed.frame.value.state, AgentState.DEAD);
      alpha.terminal.endSession("extra");
      const went = await reader.until((response) => response.frame.case === "delete");
      assert.equal(went.frame.case === "delete" && went.frame.value.name, "extra");
      assert.ok(came.rev < changed.rev && changed.rev < went.rev, "revisions rise");
      const answer = await list(context);
      assert.deepEqual(rowTexts(reader.view.state.rows().map(({ row }) => row)), rowTexts(answer.agents));
    },
  },
  {
    name: "changes from every host arrive in one stream whose revisions only rise",
    minHosts: 2,
    async run(context) {
      await using reader = watch(context);
      const { end } = await reader.snapshot();
      for (const host of context.hosts) for (const name of ["x0", "x1", "x2"]) host.startSession(name);
      await reader.until(() => reader.view.state.rowCount === end.rowCount + 3 * context.hosts.length);
      const revs = reader.frames
        .slice(reader.frames.findIndex((one) => one.frame.case === "snapshotEnd") + 1)
        .map((one) => one.rev);
      assert.deepEqual(
        revs,
        [...revs].sort((a, b) => Number(a - b)),
      );
    },
  },
  {
    name: "a watch over names sends every host and only those rows, then and later",
    async run(context) {
      const [alpha] = context.hosts;
      await using reader = watch(context, { selector: { names: ["lead"] } });
      const { hosts, rows, end } = await reader.snapshot();
      assert.equal(hosts.length, context.hosts.length);
      assert.deepEqual(
        rows.map(({ row }) => rowName(row)),
        context.hosts.map((host) => `${host.tenantId}/${host.host}/lead`),
      );
      assert.deepEqual([end.rowCount, end.digest], [rows.length, ownDigest(rows)]);
      alpha.terminal.killProcess("coder-alpha");
      alpha.terminal.killProcess("lead");
      await reader.until(isUpsertOf("lead"));
      assert.ok(!reader.frames.some(isUpsertOf("coder-alpha")), "a row outside the selector was sent");
    },
  },
  {
    name: "a watch over hosts sends only those hosts, and its view adds up",
    async run(context) {
      const [alpha] = context.hosts;
      await using reader = watch(context, { selector: { hosts: [alpha.hostId] }, bookmarkIntervalMs: 1000 });
      const { hosts } = await reader.snapshot();
      assert.deepEqual(
        hosts.map((host) => host.hostId),
        [alpha.hostId],
      );
      await reader.until(isBookmark);
      for (const host of context.hosts) host.startSession("extra");
      await reader.until(isUpsertOf("extra"));
      // The reader checks the check sum of each bookmark.
      await reader.until(isBookmark);
      assert.equal(reader.view.state.rowCount, 3);
    },
  },
  {
    name: "a selection that nothing fits is a snapshot with count 0, never silence",
    async run(context) {
      await using reader = watch(context, { selector: { hosts: ["nowhere"] } });
      const { hosts, rows, end } = await reader.snapshot();
      assert.deepEqual([hosts.length, rows.length, end.rowCount, end.hostCount, end.digest], [0, 0, 0, 0, 0n]);
    },
  },
  {
    name: "a roster gone bad is a condition of its host, and no row is lost",
    async run(context) {
      const [alpha] = context.hosts;
      await using reader = watch(context);
      const { end } = await reader.snapshot();
      alpha.files.write(ROSTER_PATH, "version: nonsense");
      const { frame } = await reader.until(({ frame: one }) => one.case === "host" && one.value.conditions.length > 0);
      assert.deepEqual(frame.case === "host" && frame.value.conditions.map((condition) => condition.type), ["ROSTER_INVALID"]);
      assert.equal(reader.view.state.rowCount, end.rowCount);
    },
  },
];
