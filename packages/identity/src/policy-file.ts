import { isMapping, MosaicError } from "@mosaic/core";
import { parse } from "yaml";
import type { Grant, Policy } from "./decide.ts";
import { ROLES, type Role } from "./matrix.ts";
import { isTenantName } from "./spiffe-id.ts";

/** Parses a policy: a YAML or JSON mapping with `grants`, each `{ role, tenant, who }`. `who` is `user/<name>` or `agent/<name>` of
 *  that tenant, or `tenant/<tenant>/user/<name>` of another; a `*` at its end stands for the rest of a name.
 *  @throws MosaicError POLICY_INVALID naming the grant and what is wrong with it */
export function parsePolicy(text: string, file: string): Policy {
  const document = parseYaml(text, file);
  if (!isMapping(document)) throw invalid(file, "it must be a mapping with grants; nobody may do anything is written grants: []");
  assertKeys(document, ["grants"], file);
  const { grants } = document;
  if (!Array.isArray(grants)) throw invalid(file, "grants must be a list");
  return { grants: grants.map((grant, index) => toGrant(grant, `${file}: grant ${index + 1}`)) };
}

function toGrant(grant: unknown, where: string): Grant {
  if (!isMapping(grant)) throw invalid(where, "it must be a mapping of role, tenant and who");
  assertKeys(grant, ["role", "tenant", "who"], where);
  const { role, tenant, who } = grant;
  if (!isRole(role)) throw invalid(where, `role is ${JSON.stringify(role)}; it may be ${ROLES.join(", ")}`);
  if (typeof who !== "string") throw invalid(where, "who must be text");
  if (role === "fleet-observer") {
    if (tenant !== undefined) throw invalid(where, "a fleet-observer sees counts of all tenants; leave tenant out");
    return { role, who: fullName(who, undefined, where) };
  }
  if (typeof tenant !== "string" || !isTenantName(tenant))
    throw invalid(where, `tenant is ${JSON.stringify(tenant)}, which names none`);
  return { role, tenantId: tenant, who: fullName(who, tenant, where) };
}

function fullName(who: string, tenantId: string | undefined, where: string): string {
  const name = /^(user|agent)\//.test(who) && tenantId !== undefined ? `tenant/${tenantId}/${who}` : who;
  if (WHO.test(name)) return name;
  throw invalid(where, `who is ${JSON.stringify(who.slice(0, 100))}; write user/ada, agent/ci-* or tenant/team-a/user/ada`);
}

const WHO = /^tenant\/[a-z0-9-]{1,32}\/(user|agent)\/([A-Za-z0-9][A-Za-z0-9._-]{0,63}\*?|\*)$/;

function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}

function assertKeys(record: Record<string, unknown>, known: readonly string[], where: string): void {
  const unknownKey = Object.keys(record).find((key) => !known.includes(key));
  if (unknownKey !== undefined) throw invalid(where, `unknown key "${unknownKey}"`);
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch (thrown) {
    throw invalid(file, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function invalid(where: string, what: string): MosaicError {
  return new MosaicError("POLICY_INVALID", `${where}: ${what}`, {
    hint: "each grant looks like: - { role: operator, tenant: team-a, who: user/ada }; then mosaic policy check",
  });
}
