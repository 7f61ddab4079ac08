/** Rules for the texts that agents are sent. Apart from the other rules, because their patterns bring an engine along. */
export type { GuardMode, Guardrails } from "./guardrails/guardrails.ts";
export { openGuardrails } from "./guardrails/open-guardrails.ts";
export { parseGuardrails } from "./guardrails/parse-guardrails.ts";
export { type GuardedText, type PassedText, type PassText, type TextGuardDeps, textGuard } from "./guardrails/text-guard.ts";
