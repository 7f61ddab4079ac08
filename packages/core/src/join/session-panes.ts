import type { PaneFacts } from "../ports/terminal-server.ts";

/** The panes of one session. */
export interface SessionPanes {
  /** The pane the session was started with, whatever a person split off later. */
  readonly first: PaneFacts;
  readonly others: readonly PaneFacts[];
}

/** Sorts panes by session. A session of a group (`tmux new-session -t`) shows the panes of another one and is left out: the
 *  one that counts is the one in `named`, or the first by name.
 *  @param named sessions that agents are known to have */
export function panesBySession(panes: readonly PaneFacts[], named: ReadonlySet<string>): Map<string, SessionPanes> {
  const all = Map.groupBy(panes, (pane) => pane.session);
  const sessions = [...all.keys()].sort((a, b) => Number(named.has(b)) - Number(named.has(a)) || (a < b ? -1 : 1));
  const owned = new Set<string>();
  const found = new Map<string, SessionPanes>();
  for (const session of sessions) {
    // Lowest pane id first.
    const [first, ...others] = (all.get(session) ?? []).sort((a, b) => paneNumber(a) - paneNumber(b));
    if (!first || owned.has(first.paneId)) continue;
    for (const pane of [first, ...others]) owned.add(pane.paneId);
    found.set(session, { first, others });
  }
  return found;
}

function paneNumber(pane: PaneFacts): number {
  return Number(pane.paneId.slice(1));
}
