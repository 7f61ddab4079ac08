import { create } from "@bufbuild/protobuf";
import {
  DeliveryState,
  type GuardDecision,
  GuardDecisionSchema,
  GuardMode,
  type Receipt,
  ReceiptSchema,
  type ReceiptStep,
} from "@mosaic/wire";
import { hasReached, isFinal } from "./receipt.ts";

/** What two copies of one receipt say together: the later attempt, then what the agent's own host ended it with, then the
 *  furthest state. Order and repetition of the copies don't matter, so receipts may come late and twice.
 *  @param origin as the server has it that took the message
 *  @param target as the agent's host tells it */
export function mergeReceipts(origin: Receipt, target: Receipt): Receipt {
  const told = wins(target, origin) ? target : origin;
  const createdAtUnixMs = origin.createdAtUnixMs || target.createdAtUnixMs;
  const hostId = told.hostId || origin.hostId;
  const guard = guardsTogether(origin.guard, target.guard);
  return create(ReceiptSchema, {
    ...{ ...told, hostId, steps: unionOf(origin.steps, target.steps), createdAtUnixMs },
    ...(guard ? { guard } : {}),
  });
}

// The text passed the rules of both.
function guardsTogether(first: GuardDecision | undefined, then: GuardDecision | undefined): GuardDecision | undefined {
  if (!first || !then) return first ?? then;
  const rules = [...new Set([...first.rules, ...then.rules])];
  const isRedacted = [first, then].some(({ mode }) => mode === GuardMode.REDACTED);
  return create(GuardDecisionSchema, { mode: isRedacted ? GuardMode.REDACTED : GuardMode.OBSERVED, rules });
}

function wins(target: Receipt, origin: Receipt): boolean {
  if (target.attempt !== origin.attempt) return target.attempt > origin.attempt;
  return isFinal(target.state) || hasReached(target.state, origin.state);
}

// Two hosts' clocks can't be compared, so the order is who was first to hold the message.
function unionOf(first: readonly ReceiptStep[], then: readonly ReceiptStep[]): ReceiptStep[] {
  const known = new Set(first.map(stepKey));
  // Where it came first is its origin; that it was durable on the way too is no step more.
  const isNews = (step: ReceiptStep) => step.state !== DeliveryState.QUEUED || !first.some(({ state }) => state === step.state);
  return [...first, ...then.filter((step) => !known.has(stepKey(step)) && isNews(step))];
}

function stepKey({ state, atUnixMs, evidence }: ReceiptStep): string {
  return `${state} ${atUnixMs} ${evidence}`;
}
