/** Every key of the dashboard, by where it works. */
const KEYS: readonly (readonly [string, string])[] = [
  ["↑ ↓ k j", "the agent above, below"],
  ["PgUp PgDn, Home g, End G", "a page; the first; the last"],
  ["Enter", "look at the agent and its live screen; again: back"],
  ["/", "filter by words: tenant, host, name, runtime, state, notes"],
  ["s", "send it a message; Enter sends, Esc gives it up"],
  ["a", "answer what it asks leave for: y allows, n denies, Esc leaves"],
  ["Esc", "one step back; in the fleet: no filter"],
  ["?", "these keys"],
  ["q", "back; in the fleet: quit. Ctrl-C quits anywhere"],
];

/** Draws the list of keys. */
export function helpLines(): string[] {
  const width = Math.max(...KEYS.map(([keys]) => keys.length));
  return ["Keys", "", ...KEYS.map(([keys, does]) => `  ${keys.padEnd(width)}  ${does}`), "", "Any key goes back."];
}

/** What can be done now, for the last line. */
export const HINTS = {
  fleet: "↑↓ select · Enter look · s send · a answer · / filter · ? keys · q quit",
  agent: "↑↓ other agent · s send · a answer what it asks · Esc back",
  help: "any key goes back",
  filter: "Enter keeps the filter · Esc drops it",
  compose: "Enter sends · Esc gives up",
  approve: "y allow · n deny · ↑↓ another request · Esc leave it",
} as const;
