import { AgentState, type Fleet } from "@mosaic/client";
import { parseAddress } from "@mosaic/core/light";

/** Says for whom an agent stops in its turn, whenever that changes, until the signal aborts. Never rejects: it only adds to what the
 *  receipt tells, and what is wrong with the server that tells, too.
 *  @param onChange is called with a text while the agent waits for somebody, and with an empty one when it goes on */
export async function tellWaiting(
  fleet: Fleet,
  address: string,
  signal: AbortSignal,
  onChange: (text: string) => void,
): Promise<void> {
  const { tenantId, host, name } = parseAddress(address);
  let told = "";
  try {
    for await (const update of fleet.watch(signal, { tenants: [tenantId], hosts: [host], names: [name] })) {
      if (update.kind !== "agent") continue;
      const { state, waitingFor, stateDetail } = update.agent;
      const what = [waitingFor, stateDetail].filter((part) => part !== "").join(": ");
      const text = state === AgentState.WAITING ? `waits for a person${what === "" ? "" : `: ${what}`}` : "";
      if (text === told) continue;
      told = text;
      onChange(text);
    }
  } catch {
    // See above.
  }
}
