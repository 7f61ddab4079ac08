/** Follows which prompt belongs to which run of the agent. pi has no id for a prompt, so each gets one here. */

/** A run that failed is tried again after 2, 4 and 8 s (pi's defaults), each time told as a run of its own; what is not begun again
 *  this long after its time has failed for good. */
const RETRY_BASE_MS = 2_000;
const RETRY_GRACE_MS = 3_000;

/** Makes the book of one session's prompts.
 *
 *  A prompt is: *typed* (pi told `input` while idle; it may still refuse it, for want of a login), *queued* (told while busy),
 *  *running* (part of the run that goes on), and then ended, broken or given back.
 *  - typed -> running: pi begins the message. It is told as accepted now.
 *  - queued: told as accepted at once, since pi holds it; queued -> running: pi begins the message.
 *  - queued -> given back: the run was interrupted; pi puts it back into its composer.
 *  - running -> ended | broken: the run ends with an answer | by the user, or by an error that is not tried again.
 *  @param {(event: object) => void} tell */
export function createTurns(tell) {
  let session = {};
  let waiting = [];
  const running = [];
  let count = 0;
  let failures = 0;
  let lastError = "";
  let retryTimer;
  const say = (event, more = {}) => tell({ event, sessionId: session.sessionId, ...more });

  function breakRunning(reason, isInterrupted) {
    clearTimeout(retryTimer);
    failures = 0;
    const broken = running.splice(0).map(({ turnId }) => turnId);
    if (broken.length > 0) say("broken", { turnIds: broken, reason, isInterrupted });
  }

  function giveBack(reason) {
    const returned = waiting.splice(0).flatMap(({ turnId, isQueued }) => (isQueued ? [turnId] : []));
    if (returned.length > 0) say("broken", { turnIds: returned, reason, isInterrupted: true });
  }

  // A template or a skill makes another text of what was typed. What begins a run was typed last, and a queue keeps its order.
  function expandedFrom() {
    return running.length === 0 ? waiting.findLast((prompt) => !prompt.isQueued) : waiting.find((prompt) => prompt.isQueued);
  }

  return {
    start(reason, found) {
      session = found;
      say("session_start", { reason, transcriptPath: found.transcriptPath });
    },
    input(text, isQueued) {
      count += 1;
      const prompt = { turnId: `${session.sessionId}.${process.pid}.${Date.now()}.${count}`, text, isQueued };
      if (!isQueued && failures > 0) breakRunning(lastError, false);
      waiting.push(prompt);
      if (isQueued) say("accepted", { turnId: prompt.turnId, text });
    },
    run() {
      clearTimeout(retryTimer);
      say("agent_start");
    },
    deliver(text) {
      const prompt = waiting.find((one) => one.text.trim() === text.trim()) ?? expandedFrom();
      if (prompt === undefined) return;
      waiting = waiting.filter((other) => other !== prompt);
      running.push(prompt);
      if (!prompt.isQueued) say("accepted", { turnId: prompt.turnId, text: prompt.text });
    },
    end(answer) {
      const { stopReason = "stop", errorMessage = "" } = answer ?? {};
      // What was typed before and not begun by now was refused.
      waiting = waiting.filter((prompt) => prompt.isQueued);
      if (stopReason === "error") {
        failures += 1;
        lastError = errorMessage;
        say("failed", { reason: errorMessage });
        const graceMs = RETRY_BASE_MS * 2 ** (failures - 1) + RETRY_GRACE_MS;
        clearTimeout(retryTimer);
        retryTimer = setTimeout(() => breakRunning(errorMessage, false), graceMs);
        retryTimer.unref?.();
        return;
      }
      if (stopReason === "aborted") {
        breakRunning("interrupted", true);
        giveBack("the run was interrupted: pi put the text back into its composer");
        return say("agent_end", { turnIds: [] });
      }
      clearTimeout(retryTimer);
      failures = 0;
      say("agent_end", { turnIds: running.splice(0).map(({ turnId }) => turnId) });
    },
    shutDown(reason) {
      breakRunning(`the session ended: ${reason}`, true);
      giveBack(`the session ended: ${reason}`);
      say("session_shutdown", { reason });
    },
  };
}
