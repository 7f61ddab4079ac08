import { callNode } from "./call-node.mjs";
import { codeOf } from "./heartbeat-file.mjs";

/** @typedef {{ status: string, waitingFor: string, detail: string, turnId: string, sessionId: string }} Said what the agent says of itself now
 *  @typedef {object} ReportsOptions
 *  @property {string} socketPath empty: nothing is reported
 *  @property {{ tenantId: string, host: string, name: string }} agent
 *  @property {() => Said} said
 *  @property {() => number} intervalMs
 *  @property {(intervalMs: number) => void} onInterval the node asked for this interval
 *  @property {(problem: string) => void} onProblem empty when the node answered */

const MAX_KEPT = 1000;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;

/** Reports the agent to its node, one call at a time. What the node has not confirmed is kept, in order, the newest thousand
 *  of each kind, and sent again with growing pauses; at once when there is something new.
 *  @param {ReportsOptions} options */
export function createNodeReports(options) {
  /** @type {{ textSha256: string, turnId: string }[]} */
  let accepted = [];
  /** @type {string[]} */
  let endedTurnIds = [];
  let isCalling = false;
  let isDue = false;
  let retryMs = FIRST_RETRY_MS;
  /** @type {NodeJS.Timeout | undefined} */
  let retry;

  async function callWhileDue() {
    isCalling = true;
    clearTimeout(retry);
    while (isDue) {
      isDue = false;
      const sent = new Set([...accepted, ...endedTurnIds]);
      const problem = await call({ accepted, endedTurnIds });
      options.onProblem(problem);
      if (problem !== "") {
        planRetry();
        continue;
      }
      accepted = accepted.filter((entry) => !sent.has(entry));
      endedTurnIds = endedTurnIds.filter((id) => !sent.has(id));
      retryMs = FIRST_RETRY_MS;
    }
    isCalling = false;
  }

  /** @param {object} news @returns {Promise<string>} what went wrong, or empty */
  async function call(news) {
    const request = { agent: options.agent, ...options.said(), pid: process.pid, intervalMs: options.intervalMs(), ...news };
    try {
      const answer = await callNode(options.socketPath, "Heartbeat", request);
      if (typeof answer.intervalMs === "number" && answer.intervalMs > 0) options.onInterval(answer.intervalMs);
      return "";
    } catch (error) {
      return `node: ${codeOf(error)}`;
    }
  }

  function planRetry() {
    clearTimeout(retry);
    retry = setTimeout(report, retryMs * (0.8 + 0.4 * Math.random()));
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  }

  function report() {
    if (options.socketPath === "") return;
    isDue = true;
    if (!isCalling) void callWhileDue();
  }

  return {
    /** Reports the state now, with all that is kept. Returns at once. */
    report,
    /** Keeps that a prompt was taken, for the next report. @param {string} textSha256 @param {string} turnId */
    accept(textSha256, turnId) {
      accepted = [...accepted, { textSha256, turnId }].slice(-MAX_KEPT);
    },
    /** Keeps that a turn ended, for the next report. @param {string} turnId */
    end(turnId) {
      endedTurnIds = [...endedTurnIds, turnId].slice(-MAX_KEPT);
    },
  };
}
