import { createHeartbeatFile } from "./heartbeat-file.mjs";
import { createNodeReports } from "./node-reports.mjs";

/** @typedef {import("./conversation.mjs").Status} Status
 *  @typedef {import("./options.mjs").Options} Options
 *  @typedef {{ status: Status, waitingFor: string, detail: string, turnId: string, sessionId: string }} State
 *  @typedef {{ mute: boolean, fileOnly: boolean }} Manner */

/** @type {Readonly<Record<Status, string>>} */
const STATUS_NAMES = {
  ready: "HEARTBEAT_STATUS_READY",
  working: "HEARTBEAT_STATUS_BUSY",
  waiting: "HEARTBEAT_STATUS_WAITING",
  failed: "HEARTBEAT_STATUS_FAILED",
  idle: "HEARTBEAT_STATUS_IDLE",
};

/** The agent's heartbeats: the file (v1) and the reports to the node (v2), every interval and whenever asked.
 *  @param {Options} options
 *  @param {State} state read when a beat is made
 *  @param {Manner} manner likewise
 *  @param {() => void} onProblem called when {@link problems} may have changed */
export function createBeats(options, state, manner, onProblem) {
  const problems = { file: "", node: "" };
  let intervalMs = options.intervalMs;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  /** @param {"file" | "node"} part @returns {(problem: string) => void} */
  const note = (part) => (problem) => {
    if (problems[part] === problem) return;
    problems[part] = problem;
    onProblem();
  };

  const file = createHeartbeatFile(options.mosaicHome, options.agentName, note("file"));
  const node = createNodeReports({
    socketPath: options.nodeSocketPath,
    agent: { tenantId: options.tenantId, host: options.host, name: options.agentName },
    said: () => ({
      status: STATUS_NAMES[state.status],
      waitingFor: state.waitingFor,
      detail: state.detail,
      turnId: state.turnId,
      sessionId: state.sessionId,
    }),
    intervalMs: () => intervalMs,
    onInterval: (wantedMs) => {
      if (options.isIntervalFixed || wantedMs === intervalMs) return;
      intervalMs = Math.min(Math.max(wantedMs, 50), 3_600_000);
      beat();
    },
    onProblem: note("node"),
  });

  function beat() {
    clearTimeout(timer);
    timer = setTimeout(beat, intervalMs);
    if (manner.mute) return;
    file.write({ status: state.status === "working" || state.status === "waiting" ? "busy" : "ok", intervalMs });
    if (!manner.fileOnly) node.report();
  }

  return {
    /** Beats now, and every interval from now on. Returns at once. */
    beat,
    /** @param {string} textSha256 @param {string} turnId */
    accept: (textSha256, turnId) => manner.mute || manner.fileOnly || node.accept(textSha256, turnId),
    /** @param {string} turnId */
    end: (turnId) => manner.mute || manner.fileOnly || node.end(turnId),
    /** @returns {string} what is wrong with the beats, for the status line */
    problems: () => [problems.file, problems.node].filter((problem) => problem !== "").join(" · "),
  };
}
