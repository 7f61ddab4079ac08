import { MATRIX, METHOD_VERBS, type Role, type Verb } from "./matrix.ts";
import { formatIdentity, type Identity } from "./spiffe-id.ts";

/** Who has which role, and where. */
export interface Grant {
  readonly role: Role;
  /** The tenant it holds in; absent for `fleet-observer`, which sees counts of all. */
  readonly tenantId?: string | undefined;
  /** `tenant/<t>/user/<name>`, `tenant/<t>/agent/<name>`; a `*` at the end stands for any name. */
  readonly who: string;
}

export interface Policy {
  readonly grants: readonly Grant[];
}

/** One question: may this caller do this to that tenant's agents? */
export interface Question {
  readonly caller: Identity;
  /** The rpc's name. */
  readonly method: string;
  /** The tenant that is asked about. */
  readonly tenantId: string;
}

export interface Decision {
  readonly isAllowed: boolean;
  /** What it rests on, for the audit and for `policy explain`: a grant, a rule of Mosaic's own, or what is missing. */
  readonly because: string;
  readonly verb: Verb | undefined;
}

/** Answers a question by the matrix and the policy. Denies by default, and whatever it does not know. */
export function decide(policy: Policy, { caller, method, tenantId }: Question): Decision {
  const verb = Object.hasOwn(METHOD_VERBS, method) ? METHOD_VERBS[method] : undefined;
  if (verb === undefined) return denied(`no rule knows the method "${method.slice(0, 60)}"`);
  if (verb === "local") return denied("only from the host's own socket");
  return decideVerb(policy, { caller, verb, tenantId });
}

/** As {@link decide}, for what an rpc is instead of for its name. */
export function decideVerb(
  policy: Policy,
  { caller, verb, tenantId }: Pick<Question, "caller" | "tenantId"> & { readonly verb: Verb },
): Decision {
  if (caller.kind === "node") return denied("a node asks nothing of others", verb);
  // What it relays is asked about on behalf of whoever signed it.
  if (caller.kind === "aggregator") return byAggregator(verb);
  if (verb === "probe") return { isAllowed: true, because: "anybody of the fleet may ask who serves", verb };
  const grant = policy.grants.find((each) => holds(each, caller, tenantId, verb));
  if (grant) return { isAllowed: true, because: explain(grant), verb };
  return denied(`no grant lets ${whoIs(caller)} ${verb} in "${tenantId}"`, verb);
}

/** Whether a caller may see, of all tenants, which hosts there are and how many agents they have. */
export function maySurvey({ grants }: Policy, caller: Identity): boolean {
  return grants.some((grant) => holds(grant, caller, "", "survey"));
}

/** Names a caller as grants do: without the fleet. */
export function whoIs(identity: Identity): string {
  return formatIdentity(identity).replace(/^spiffe:\/\/[^/]+\//, "");
}

function byAggregator(verb: Verb): Decision {
  const mayRelay = verb === "observe" || verb === "probe" || verb === "survey";
  return {
    isAllowed: mayRelay,
    because: mayRelay ? "an aggregator relays what is seen" : "an aggregator does nothing of its own",
    verb,
  };
}

function holds({ role, tenantId, who }: Grant, caller: Identity, asked: string, verb: Verb): boolean {
  if (!MATRIX[role].includes(verb)) return false;
  const isThere = role === "fleet-observer" ? verb === "survey" : tenantId === asked;
  const name = whoIs(caller);
  return isThere && (who.endsWith("*") ? name.startsWith(who.slice(0, -1)) : name === who);
}

function explain({ role, tenantId, who }: Grant): string {
  return `${who} is ${role}${tenantId === undefined ? "" : ` in "${tenantId}"`}`;
}

function denied(because: string, verb?: Verb): Decision {
  return { isAllowed: false, because, verb };
}
