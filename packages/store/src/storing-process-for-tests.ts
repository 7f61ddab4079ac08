/** A process that stores messages until it is killed, and says on stdout what was acknowledged to it, at once: `<file> <seed>`.
 *
 *  Lines: `open <number held>`, then for each message `<id> 0` when it was taken and `<id> <n>` when its n-th update was, `LAST_STEP`
 *  being its end; `forgot <ids>` when these ended before a forgetting and it succeeded. */
import { writeSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import type { Clock, StoredMessage } from "@mosaic/core";
import { DeliveryState, type Receipt, ReceiptSchema } from "@mosaic/wire";
import { openMessageStore } from "./open-message-store.ts";
import { LAST_STEP, textOf } from "./storing-plan-for-tests.ts";

const LANES = 8;
const FAR_UNIX_MS = 1e15;

const [path = "", seed = "0"] = process.argv.slice(2);
const clock: Clock = { nowUnixMs: () => 0, monotonicMs: () => 0, sleep: () => new Promise(() => {}) };

const store = await openMessageStore({ path, clock, minFreeBytes: 0, minFreeShare: 0 });
say(`open ${[...store.all()].length}`);
const ended: string[] = [];

function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`);
      return;
    } catch (thrown) {
      // Whoever reads is slow: nothing goes on before it was said.
      if ((thrown as NodeJS.ErrnoException).code !== "EAGAIN") throw thrown;
    }
  }
}

function receiptOf(messageId: string, attempt: number): Receipt {
  const state = attempt === LAST_STEP ? DeliveryState.FAILED : DeliveryState.TYPED;
  return create(ReceiptSchema, { messageId, agent: { name: messageId }, state, attempt });
}

async function storeMessages(lane: number): Promise<never> {
  for (let number = 0; ; number += 1) {
    const messageId = `${seed}-${lane}-${number}`;
    const facts = { payloadSha256: "", traceparent: "", expiresAtUnixMs: 0, policy: "at-most-once" } as const;
    const message: Omit<StoredMessage, "sequence"> = {
      messageId,
      text: textOf(messageId),
      receipt: receiptOf(messageId, 0),
      ...facts,
    };
    await store.add(message);
    say(`${messageId} 0`);
    for (let step = 1; step <= LAST_STEP; step += 1) {
      await store.update(messageId, { receipt: receiptOf(messageId, step) });
      say(`${messageId} ${step}`);
    }
    ended.push(messageId);
    if (number % 8 === lane) await forget();
  }
}

async function forget(): Promise<void> {
  const gone = ended.splice(0);
  await store.forget(FAR_UNIX_MS);
  say(`forgot ${gone.join(" ")}`);
}

await Promise.all(Array.from({ length: LANES }, (_, lane) => storeMessages(lane)));
