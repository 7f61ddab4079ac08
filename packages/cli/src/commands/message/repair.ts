import { toJson } from "@bufbuild/protobuf";
import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import { inspectStore, setAside } from "@mosaic/store";
import { ReceiptSchema } from "@mosaic/wire";
import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { openAudit } from "../../local/open-audit.ts";
import { toSentReceipt } from "../agent/sent-receipt.ts";
import { type MessageRepairAnswer, type RepairItem, repairText } from "./repair-answer.ts";

const STORES = ["inbox", "outbox"] as const;

/** Sets aside what a daemon refuses of its messages. Looks first, so that a store that is sound stays. */
export async function run({ flags, globals }: Invocation, io: Io): Promise<CommandResult> {
  const isDryRun = flags.boolean("dry-run");
  const items: RepairItem[] = [];
  for (const store of STORES) items.push(await look(store, `${globals.mosaicHome}/fleet/messages/${store}.db`));
  const moved = isDryRun ? items : await setAsideAll(items, await openAudit(globals, io), io);
  const isInTheWay = moved.some(({ state }) => state === "in_use") && moved.every(({ state }) => state !== "refused");
  const answer: MessageRepairAnswer = { schema: "mosaic.message.repair/1", complete: true, dry_run: isDryRun, items: moved };
  return {
    exitCode: isInTheWay ? EXIT_CODES.failed : EXIT_CODES.ok,
    envelope: answer,
    text: () => repairText(answer),
  };
}

async function look(store: RepairItem["store"], path: string): Promise<RepairItem> {
  const none = { store, path, reason: "", set_aside_to: null, readable: 0, unfinished: [] };
  try {
    const found = await inspectStore(path);
    if (found === undefined) return { ...none, state: "absent" };
    const { refusal, passing, readable } = found;
    const unfinished = found.unfinished.map((receipt) => toSentReceipt(toJson(ReceiptSchema, receipt)));
    const state = refusal !== undefined ? "refused" : passing !== undefined ? "unwritable" : "sound";
    return { ...none, state, reason: refusal ?? passing ?? "", readable, unfinished };
  } catch (thrown) {
    const { code, message } = MosaicError.from(thrown);
    if (code !== "ALREADY_RUNNING") throw thrown;
    return { ...none, state: "in_use", reason: message };
  }
}

// On record before it is done: what can't be put on record is not moved.
async function setAsideAll(
  items: readonly RepairItem[],
  { audit, who }: Awaited<ReturnType<typeof openAudit>>,
  io: Io,
): Promise<RepairItem[]> {
  const done: RepairItem[] = [];
  for (const item of items) {
    if (item.state !== "refused") {
      done.push(item);
      continue;
    }
    const facts = { store: item.store, reason: item.reason, unfinished: item.unfinished.length };
    await audit.record({ ...who, action: "message.repair", agent: "", facts });
    done.push({ ...item, set_aside_to: setAside(item.path, io.clock) ?? null });
  }
  return done;
}
