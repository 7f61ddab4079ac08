/** What the agent asks leave for, and the node's answers to it. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Often enough that nobody waits for it; a look at a file that is not there takes microseconds. */
const LOOK_INTERVAL_MS = 200;

/** Tells of requests, and while any is open looks for `<answers folder>/<request id>.json`.
 *  @param {{ answersFolder: string, write: (event: object) => void }} spool
 *  @param {(request: { id: string, sessionID: string }, answer: { decision: string, comment?: string }) => Promise<void>} reply */
export function createRequests(spool, reply) {
  const open = new Map();
  let timer;

  function look() {
    for (const request of [...open.values()]) {
      const answer = takeAnswer(join(spool.answersFolder, `${request.id}.json`));
      if (answer === undefined) continue;
      open.delete(request.id);
      // Whether it was taken is told by opencode itself; if not, the request still stands on the screen.
      Promise.resolve(reply(request, answer)).catch(() => {});
    }
    if (open.size === 0) stop();
  }

  function stop() {
    clearInterval(timer);
    timer = undefined;
  }

  return {
    asked({ id, sessionID, permission, patterns = [], metadata = {} }) {
      if (typeof id !== "string" || /[/\0]/.test(id)) return;
      open.set(id, { id, sessionID });
      timer ??= setInterval(look, LOOK_INTERVAL_MS);
      timer.unref?.();
      const summary = metadata.command ?? metadata.filepath ?? patterns.join(", ");
      spool.write({ event: "asked", sessionId: sessionID, requestId: id, tool: permission, summary });
    },
    replied(sessionId, requestId, given) {
      open.delete(requestId);
      takeAnswer(join(spool.answersFolder, `${requestId}.json`));
      spool.write({ event: "replied", sessionId, requestId, reply: given });
    },
    stop,
  };
}

/** Reads an answer and takes it away. A file that holds none is left: it may be half there. */
function takeAnswer(path) {
  try {
    const answer = JSON.parse(readFileSync(path, "utf8"));
    if (answer.decision !== "allow" && answer.decision !== "deny") return undefined;
    rmSync(path, { force: true });
    return answer;
  } catch {
    // Not there yet.
    return undefined;
  }
}
