import { create } from "@bufbuild/protobuf";
import { type Agent, type GuardDecision, GuardDecisionSchema, GuardMode } from "@mosaic/wire";
import { MosaicError } from "../errors.ts";
import type { AuditLog } from "../ports/audit-log.ts";
import { type Guardrails, judgeText } from "./guardrails.ts";

/** A text on its way to an agent. */
export interface GuardedText {
  readonly messageId: string;
  readonly agent: Pick<Agent, "tenantId" | "host" | "name">;
  /** Who sends it, as far as they say. */
  readonly actor: string;
  readonly text: string;
  /** Its sender has signed it, and its next host believes nothing else: it can't be changed here. Default false. */
  readonly isSealed?: boolean | undefined;
}

/** A text that may go on. */
export interface PassedText {
  /** As it is to be stored and typed. */
  readonly text: string;
  /** For the receipt; undefined: no rule found anything. */
  readonly guard: GuardDecision | undefined;
}

/** Lets a text pass, or not. */
export type PassText = (text: GuardedText) => Promise<PassedText>;

export interface TextGuardDeps {
  /** The rules in force now. */
  readonly guardrails: () => Guardrails;
  /** Absent: what was decided is on no record. */
  readonly audit?: AuditLog | undefined;
  /** Hashes a text, in hex. */
  readonly sha256: (text: string) => string;
}

/** Makes what every text for an agent passes, where it comes in: at an aggregator's outbox and at a node's inbox. What a rule
 *  found is put on record before anything is done with the text, by rule and hash; the text itself only where the tenant asks.
 *  @returns throws MosaicError NOT_ALLOWED naming the rules, never the text; MACHINE when it can't be recorded */
export function textGuard({ guardrails, audit, sha256 }: TextGuardDeps): PassText {
  return async (message) => {
    const rules = guardrails();
    const verdict = judgeText(rules, message.text);
    const mode = verdict.mode === "redact" && message.isSealed ? "block" : verdict.mode;
    if (mode === undefined && !rules.keepsPromptText) return { text: message.text, guard: undefined };
    const isBlocked = mode === "block";
    // Of what is stored; nothing is stored of what is blocked, so that not even its hash can be guessed at.
    const told = isBlocked ? {} : { text_sha256: sha256(verdict.text), ...(rules.keepsPromptText ? { text: verdict.text } : {}) };
    await audit?.record({
      ...{ action: mode === undefined ? "message.send" : "message.guard", actor: message.actor },
      ...{ tenantId: message.agent.tenantId, host: message.agent.host, agent: message.agent.name },
      facts: {
        ...{ message_id: message.messageId, text_bytes: byteLength(isBlocked ? message.text : verdict.text), ...told },
        ...(mode === undefined ? {} : { mode, rules: verdict.rules.join(",") }),
      },
    });
    if (isBlocked) throw blocked(message, verdict.rules, verdict.mode === "redact");
    return { text: verdict.text, guard: mode && toDecision(mode, verdict.rules) };
  };
}

function toDecision(mode: "observe" | "redact", rules: readonly string[]): GuardDecision {
  return create(GuardDecisionSchema, { mode: mode === "redact" ? GuardMode.REDACTED : GuardMode.OBSERVED, rules: [...rules] });
}

function blocked({ agent }: GuardedText, rules: readonly string[], isForSeal: boolean): MosaicError {
  const named = rules.map((rule) => `"${rule}"`).join(", ");
  const to = `${agent.tenantId}/${agent.host}/${agent.name}`;
  const why = isForSeal
    ? "something has to be taken out, and its sender has signed it as it is"
    : "it holds what may not be sent";
  return new MosaicError("NOT_ALLOWED", `the text for ${to} was stopped by the guardrail ${named}: ${why}`, {
    hint: "leave that out; the rules are in fleet/guardrails.yaml of the host that refused it",
  });
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
