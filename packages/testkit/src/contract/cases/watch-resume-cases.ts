import assert from "node:assert/strict";
import { FleetView } from "@mosaic/core";
import { ResetReason, type WatchResponse } from "@mosaic/wire";
import { enumName, foreignToken, list, rowTexts, watch } from "../case-tools.ts";
import type { ContractCase, ContractContext } from "../contract-case.ts";
import { WatchReader } from "../watch-reader.ts";

const isBookmark = (response: WatchResponse) => response.frame.case === "bookmark";
const upserted = (response: WatchResponse) => (response.frame.case === "upsert" ? [response.frame.value.name] : []);

async function assertResets(
  context: ContractContext,
  resumeToken: Uint8Array,
  reason: ResetReason,
  selector = {},
): Promise<void> {
  await using reader = new WatchReader(context.client, { resumeToken, selector }, { signal: context.signal });
  const { reset, end } = await reader.snapshot();
  assert.equal(enumName(ResetReason, reset.reason), enumName(ResetReason, reason));
  assert.ok(end.rowCount > 0, "the snapshot follows in the same stream");
}

async function tokenOf(context: ContractContext): Promise<Uint8Array> {
  await using reader = watch(context);
  return (await reader.snapshot()).end.resumeToken;
}

/** What Watch promises of resuming. */
export const watchResumeCases: readonly ContractCase[] = [
  {
    name: "a resumed watch has no snapshot and sends what came strictly after its token",
    async run(context) {
      const [alpha] = context.hosts;
      const view = new FleetView();
      await using first = new WatchReader(context.client, {}, { signal: context.signal }, view);
      await first.snapshot();
      await first[Symbol.asyncDispose]();
      // Made known to the server before the resume, by another watch.
      await using witness = watch(context);
      await witness.snapshot();
      alpha.startSession("first");
      await witness.until((frame) => upserted(frame).includes("first"));
      await using second = new WatchReader(context.client, {}, { signal: context.signal }, view);
      await second.until(isBookmark);
      assert.deepEqual(second.frames.flatMap(upserted), ["first"]);
      await second[Symbol.asyncDispose]();
      alpha.startSession("second");
      await witness.until((frame) => upserted(frame).includes("second"));
      await using third = new WatchReader(context.client, {}, { signal: context.signal }, view);
      await third.until(isBookmark);
      assert.deepEqual(third.frames.flatMap(upserted), ["second"], "the token is exclusive");
      assert.ok(![...second.frames, ...third.frames].some((one) => one.frame.case === "reset"));
      const answer = await list(context);
      assert.deepEqual(rowTexts(view.state.rows().map(({ row }) => row)), rowTexts(answer.agents));
    },
  },
  {
    name: "a resume after which nothing happened is a bookmark at once",
    async run(context) {
      const resumeToken = await tokenOf(context);
      for await (const { frame } of context.client.watch({ resumeToken }, { signal: context.signal })) {
        assert.equal(frame.case, "bookmark");
        break;
      }
    },
  },
  {
    name: "a token that is garbage gives RESET(TOKEN_INVALID) and a snapshot in the same stream",
    async run(context) {
      for (const text of ["garbage", "[]", "\u0000", '[1,"e","-1","0"]'])
        await assertResets(context, Buffer.from(text), ResetReason.TOKEN_INVALID);
      await assertResets(context, new Uint8Array([0xff, 0xfe, 0x00]), ResetReason.TOKEN_INVALID);
    },
  },
  {
    name: "a token of another log's lifetime gives RESET(EPOCH_CHANGED) and a snapshot in the same stream",
    async run(context) {
      await assertResets(context, await foreignToken(), ResetReason.EPOCH_CHANGED);
    },
  },
  {
    name: "a token of another selector gives RESET(SELECTOR_CHANGED) and a snapshot in the same stream",
    async run(context) {
      await assertResets(context, await tokenOf(context), ResetReason.SELECTOR_CHANGED, { names: ["lead"] });
    },
  },
  {
    name: "a token that the log no longer reaches back to gives RESET(TOKEN_EXPIRED) and a snapshot in the same stream",
    async run(context) {
      const [alpha] = context.hosts;
      const resumeToken = await tokenOf(context);
      await using witness = watch(context);
      const { end } = await witness.snapshot();
      const names = Array.from({ length: context.logCapacity }, (_, index) => `crowd-${index}`);
      for (const name of names) alpha.startSession(name);
      await witness.until(() => witness.view.state.rowCount === end.rowCount + names.length);
      for (const name of names.slice(0, 5)) alpha.terminal.endSession(name);
      await witness.until(() => witness.view.state.rowCount === end.rowCount + names.length - 5);
      await assertResets(context, resumeToken, ResetReason.TOKEN_EXPIRED);
    },
  },
];
