import { EXIT_CODES, MosaicError, nearNames } from "@mosaic/core/light";
import {
  type Decision,
  decide,
  decideVerb,
  type Identity,
  isMutating,
  isTenantName,
  METHOD_VERBS,
  type Policy,
  parseIdentity,
  VERBS,
  type Verb,
} from "@mosaic/identity";
import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { plainText } from "../../output/plain-text.ts";
import { readPolicy } from "./read-policy.ts";

/** Says whether somebody may do something, and what that rests on. */
export async function run({ args, flags, globals }: Invocation, io: Io): Promise<CommandResult> {
  const [who = "", what = "", target = ""] = args;
  const tenantId = tenantOf(target);
  const caller = callerOf(who, tenantId);
  const { path, policy } = await readPolicy(globals.mosaicHome, flags.text("policy"), io);
  const { method, decision } = answer(policy, caller, what, tenantId);
  const { isAllowed, because, verb } = decision;
  const needsCapability = isAllowed && verb !== undefined && isMutating(verb);
  return {
    exitCode: isAllowed ? EXIT_CODES.ok : EXIT_CODES.notAllowed,
    envelope: {
      ...{ schema: "mosaic.policy.explain/1", complete: true, policy: path, who, method, verb: verb ?? null, target },
      ...{ allowed: isAllowed, because, needs_capability: needsCapability },
    },
    text: () =>
      plainText(`${isAllowed ? "allowed" : "denied"}: ${because}`) +
      (needsCapability ? "\nOver an aggregator the call must be signed by its caller.\n" : "\n"),
  };
}

function answer(policy: Policy, caller: Identity, what: string, tenantId: string): { method: string | null; decision: Decision } {
  const verb = VERBS.find((each) => each === what);
  if (verb) return { method: null, decision: decideVerb(policy, { caller, verb, tenantId }) };
  const method = Object.keys(METHOD_VERBS).find((each) => each.toLowerCase() === what.toLowerCase());
  if (method) return { method, decision: decide(policy, { caller, method, tenantId }) };
  const known: readonly (string | Verb)[] = [...VERBS, ...Object.keys(METHOD_VERBS)];
  const near = nearNames(what, known);
  throw new MosaicError("USAGE", `neither a verb nor an rpc: ${JSON.stringify(what.slice(0, 100))}`, {
    hint: near.length > 0 ? `did you mean ${near.join(", ")}?` : `verbs are ${VERBS.join(", ")}; or name an rpc, such as Send`,
  });
}

function tenantOf(target: string): string {
  const [tenantId = "", ...rest] = target.split("/");
  if (isTenantName(tenantId) && rest.length <= 2 && rest.every((part) => /^[A-Za-z0-9_.-]+$/.test(part))) return tenantId;
  throw new MosaicError("USAGE", `not what something is done to: ${JSON.stringify(target.slice(0, 200))}`, {
    hint: "write tenant/host/agent, tenant/host or tenant",
  });
}

// The fleet's own name is in no grant, so any will do.
function callerOf(who: string, tenantId: string): Identity {
  const path = /^(user|agent)\//.test(who) ? `tenant/${tenantId}/${who}` : who;
  const identity = parseIdentity(path.startsWith("spiffe://") ? path : `spiffe://fleet/${path}`);
  if (identity) return identity;
  throw new MosaicError("USAGE", `not somebody's name: ${JSON.stringify(who.slice(0, 200))}`, {
    hint: "write user/ada, agent/ci, tenant/team-a/user/ada, aggregator/<id>, or the URI of a certificate",
  });
}
