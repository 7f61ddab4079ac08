/** Names the agent at the top of its screen. @param {import("./options.mjs").Options} options @returns {string} */
export function titleOf({ agentName, tenantId, host }) {
  const place = [tenantId, host].filter((part) => part !== "").join("/");
  return `stub agent ${agentName}${place === "" ? "" : ` · ${place}`} · pid ${process.pid}`;
}

/** Says what the agent is doing, and what is wrong.
 *  @param {{ status: import("./conversation.mjs").Status, waitingFor: string, detail: string, sinceMs: number }} state
 *  @param {readonly string[]} notices empty ones are left out
 *  @returns {string} */
export function statusLine(state, notices) {
  const seconds = Math.floor((performance.now() - state.sinceMs) / 1000);
  const doing = {
    ready: "ready",
    idle: "ready",
    working: seconds < 1 ? "working …" : `working … ${seconds}s`,
    waiting: `waiting for ${state.waitingFor}`,
    failed: `failed: ${state.detail}`,
  };
  return [doing[state.status], ...notices].filter((part) => part !== "").join(" · ");
}
