import { plainText } from "../../output/plain-text.ts";
import { agentOf } from "../agent/send-sentence.ts";
import type { SentReceipt } from "../agent/sent-receipt.ts";

/** What `message repair --json` prints. The names of its fields are a contract; see repair.test.ts. */
export interface MessageRepairAnswer {
  readonly schema: "mosaic.message.repair/1";
  readonly complete: true;
  readonly dry_run: boolean;
  readonly items: readonly RepairItem[];
}

export interface RepairItem {
  /** The inbox is the node's, the outbox the aggregator's. */
  readonly store: "inbox" | "outbox";
  readonly path: string;
  /** `refused`: its daemon takes nothing into it, and it is what is set aside. `unwritable`: its disk is in trouble, not the file. */
  readonly state: "absent" | "sound" | "in_use" | "refused" | "unwritable";
  /** Why, for people; empty when there is nothing to say. */
  readonly reason: string;
  /** Where it is now. Null: it was not moved. */
  readonly set_aside_to: string | null;
  /** Messages that could be read of it. */
  readonly readable: number;
  /** Those among them that were not at their end: nobody carries or types them any more. */
  readonly unfinished: readonly SentReceipt[];
}

/** Lines that people are told; the rest is in the JSON. */
const MAX_TOLD = 20;
const DAEMONS = { inbox: "mosaic-node", outbox: "mosaic-aggregator" } as const;

/** The answer for people. */
export function repairText({ items, dry_run: isDryRun }: MessageRepairAnswer): string {
  return items.flatMap((item) => linesOf(item, isDryRun).map((line) => `${plainText(line)}\n`)).join("");
}

function linesOf(item: RepairItem, isDryRun: boolean): string[] {
  const { store, state, reason } = item;
  switch (state) {
    case "absent":
      return [`${store}: there is none`];
    case "sound":
      return [`${store}: sound, and left as it is`];
    case "in_use":
      return [
        `${store}: in use, and not looked into: ${reason}`,
        `  if it is refused, stop ${DAEMONS[store]} first, then repeat this`,
      ];
    case "unwritable":
      return [`${store}: nothing to repair: ${reason}`, "  look at the disk: df -h"];
    case "refused":
      return refused(item, isDryRun);
    default:
      return state satisfies never;
  }
}

function refused({ store, reason, set_aside_to: aside, readable, unfinished }: RepairItem, isDryRun: boolean): string[] {
  const told = unfinished.slice(0, MAX_TOLD).map((each) => `    ${each.message_id}  ${agentOf(each)}  ${each.state}`);
  const rest = unfinished.length - told.length;
  const lost =
    unfinished.length === 0
      ? "  none of the messages that can be read was still on its way; of others nothing is known"
      : `  lost, as far as can be read: ${unfinished.length} of ${readable} messages were still on their way, and nobody carries or types them now`;
  return [
    `${store}: ${reason}`,
    isDryRun
      ? "  would be set aside; nothing was changed"
      : `  set aside, and kept as it was: ${aside ?? "it went away meanwhile"}`,
    lost,
    ...told,
    ...(rest > 0 ? [`    and ${rest} more: mosaic message repair --dry-run --json`] : []),
    ...(isDryRun
      ? ["  next: mosaic message repair"]
      : [`  next: start ${DAEMONS[store]} again; it begins with an empty ${store}`]),
  ];
}
