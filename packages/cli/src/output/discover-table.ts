import type { TextView } from "../command.ts";
import type { DiscoverAnswer, DiscoveredItem } from "../fleet/discover-answer.ts";
import { belowTable, notShown } from "./below-table.ts";
import { plainText } from "./plain-text.ts";
import { type Column, renderTable, type TableRow } from "./table.ts";

const COLUMNS: readonly Column[] = [
  { title: "NAME" },
  { title: "ROLE" },
  { title: "STATE" },
  { title: "ADDRESSES", dropRank: 1 },
  { title: "PORT" },
  { title: "PROTOCOL", dropRank: 4 },
  { title: "ID", dropRank: 3 },
  { title: "NOTES", dropRank: 2, canBeCut: true },
];

/** Draws what announces itself, with a last line that says how much of it is known. */
export function discoverTable(answer: DiscoverAnswer, view: TextView): string {
  const { items, interfaces, by } = answer;
  const places = `on ${interfaces.map(plainText).join(", ")}${by === "avahi" ? " (through avahi-daemon)" : ""}`;
  if (items.length === 0) return `${belowTable([`No daemon announces itself ${places}.`], view.columns).join("\n")}\n`;
  const { lines, hidden } = renderTable(COLUMNS, items.map(rowOf), view);
  const enrolled = items.filter((item) => item.enrolled).length;
  const footer = [
    `${items.length} ${items.length === 1 ? "daemon" : "daemons"} ${places}, ${enrolled} enrolled.`,
    ...(answer.complete ? [] : [`${view.style("bad", "INCOMPLETE")}.`]),
    ...notShown(hidden, view.style),
  ].join(" ");
  return `${[...lines, ...belowTable([footer], view.columns)].join("\n")}\n`;
}

function rowOf(item: DiscoveredItem): TableRow {
  return {
    kind: "cells",
    cells: [
      { text: plainText(item.instance), tone: "strong" },
      { text: item.role ?? "-" },
      item.enrolled ? { text: "enrolled", tone: "good" } : { text: "discovered" },
      { text: addressesOf(item) },
      { text: String(item.port) },
      { text: item.protocol_version === null ? "-" : String(item.protocol_version) },
      { text: item.id_hash ?? "-" },
      { text: plainText(notesOf(item)) },
    ],
  };
}

// Those of one link only are of use to nobody who has others.
function addressesOf({ addresses }: DiscoveredItem): string {
  const wide = addresses.filter((address) => !address.includes("%"));
  const shown = wide.length > 0 ? wide : addresses;
  return shown.length === 0 ? "-" : plainText(shown.join(","));
}

function notesOf({ host, loopback_only, protocol_version, id_hash }: DiscoveredItem): string {
  return [
    ...(host === null ? [] : [`claims the id of ${host.tenant_id}/${host.host}`]),
    ...(loopback_only ? ["listens on its own loopback only"] : []),
    ...(protocol_version !== null && protocol_version > OUR_PROTOCOL_VERSION ? ["speaks a newer contract than we"] : []),
    ...(id_hash === null ? ["says no id"] : []),
  ].join("; ");
}

/** `InfoResponse.protocol_version` of this contract. */
const OUR_PROTOCOL_VERSION = 1;
