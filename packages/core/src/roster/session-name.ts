import { MosaicError } from "../errors.ts";

/** Says which tmux session an agent runs in.
 *  tmux rewrites `.` and `:` in session names without a word, so that `a.b` and `a_b` would meet in one session; a dot is
 *  therefore written as `~`, which no agent's name may hold. {@link agentNameOf} is the way back.
 *  @throws MosaicError USAGE when no session can carry the name (empty, or with `~` or `:` in it): a name that a roster
 *  accepts never does that. */
export function sessionNameOf(agentName: string): string {
  if (agentName === "" || /[~:]/.test(agentName)) {
    throw new MosaicError("USAGE", `no tmux session can carry the agent name ${JSON.stringify(agentName)}`, {
      hint: "agent names are made of letters, digits and _ . -",
    });
  }
  return agentName.replaceAll(".", "~");
}

/** Says which agent's a tmux session is: the roster's name, or for a session that no roster names, its own. */
export function agentNameOf(sessionName: string): string {
  return sessionName.replaceAll("~", ".");
}
