import type { TextView } from "../command.ts";
import { type HookItem, isAmiss } from "../hooks/hook-item.ts";
import { plainText } from "./plain-text.ts";
import { renderTable, type TableRow } from "./table.ts";

export interface HooksTextOptions {
  readonly isDryRun: boolean;
}

/** Draws what was found or done about hooks, one line a runtime, the files below it, and what to type next. */
export function hooksText(items: readonly HookItem[], { isDryRun }: HooksTextOptions, view: TextView): string {
  const columns = [{ title: "RUNTIME" }, { title: "HOOKS" }, { title: "WHAT" }];
  const { lines } = renderTable(columns, items.map(rowOf), { ...view, columns: undefined });
  const [header = "", ...rows] = lines;
  const body = items.flatMap((item, index) => [
    rows[index] ?? "",
    ...item.files.map(({ change, path }) => plainText(`  ${change.padEnd(6)}  ${path}`)),
    ...(item.way === "files" ? [] : item.checked.map((path) => plainText(`  found   ${path}`))),
    ...(item.next === "" ? [] : [plainText(`  next: ${item.next}`)]),
  ]);
  return `${[header, ...body, ...(isDryRun ? ["Nothing was done: --dry-run."] : [])].join("\n")}\n`;
}

function rowOf(item: HookItem): TableRow {
  const tone = isAmiss(item) ? "bad" : item.outcome === "nothing to do" ? "faint" : "good";
  const what = [item.detail, heardText(item)].filter((part) => part !== "").join("; ");
  return { kind: "cells", cells: [{ text: plainText(item.runtime) }, { text: item.outcome, tone }, { text: plainText(what) }] };
}

function heardText({ heard }: HookItem): string {
  if (heard === null || heard.agents === 0) return "";
  const count = `${heard.by_hook} of ${heard.agents} ${heard.agents === 1 ? "agent" : "agents"} heard by hook`;
  return heard.hookless.length === 0 ? count : `${count}; HOOKLESS: ${heard.hookless.join(", ")}`;
}
