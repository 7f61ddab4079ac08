import { EXIT_CODES } from "@mosaic/core/light";
import { MATRIX } from "@mosaic/identity";
import type { CommandResult, Invocation, TextView } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { belowTable } from "../../output/below-table.ts";
import { plainText } from "../../output/plain-text.ts";
import { type Column, renderTable, type TableRow } from "../../output/table.ts";
import { readPolicy } from "./read-policy.ts";

/** What `policy check --json` prints. The names of its fields are a contract; see policy.test.ts. */
export interface PolicyAnswer {
  readonly schema: "mosaic.policy.check/1";
  readonly complete: true;
  readonly path: string;
  readonly items: readonly {
    readonly who: string;
    readonly role: string;
    /** Null: all tenants, of which only counts are seen. */
    readonly tenant_id: string | null;
    readonly may: readonly string[];
  }[];
}

/** Checks a policy, and says what it lets whom do. */
export async function run({ args, globals }: Invocation, io: Io): Promise<CommandResult> {
  const { path, policy } = await readPolicy(globals.mosaicHome, args[0], io);
  const items = policy.grants.map(({ who, role, tenantId }) => ({
    ...{ who, role, tenant_id: tenantId ?? null, may: MATRIX[role] },
  }));
  const answer: PolicyAnswer = { schema: "mosaic.policy.check/1", complete: true, path, items };
  return { exitCode: EXIT_CODES.ok, envelope: answer, text: (view) => policyTable(answer, view) };
}

const COLUMNS: readonly Column[] = [{ title: "WHO" }, { title: "ROLE" }, { title: "TENANT" }, { title: "MAY", canBeCut: true }];

function policyTable({ items, path }: PolicyAnswer, view: TextView): string {
  const count = `${items.length} ${items.length === 1 ? "grant" : "grants"} in ${plainText(path)}, all in order.`;
  if (items.length === 0) return `${count} Nobody may do anything.\n`;
  const rows = items.map(
    ({ who, role, tenant_id, may }): TableRow => ({
      kind: "cells",
      cells: [{ text: who, tone: "strong" }, { text: role }, { text: tenant_id ?? "(all)" }, { text: may.join(" ") }],
    }),
  );
  return `${[...renderTable(COLUMNS, rows, view).lines, ...belowTable([count], view.columns)].join("\n")}\n`;
}
