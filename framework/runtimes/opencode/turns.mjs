/** Follows which prompt was answered. opencode stores a prompt at once under an id of its own; one answer may be for several of
 *  them, and names the last. Sessions that another session made (sub-agents) are no concern of whoever sends messages.
 *
 *  A prompt is *open* from the moment opencode tells `chat.message`, and when its session becomes idle it has ended (an answer
 *  names it or a later one), or broken (the session was interrupted or failed), or it stays open: it came too late for that answer.
 *  @param {(event: object) => void} tell */
export function createTurns(tell) {
  const children = new Set();
  const sessions = new Map();

  function sessionOf(id) {
    const known = sessions.get(id) ?? { open: [], answeredId: undefined, error: undefined, status: "idle" };
    sessions.set(id, known);
    return known;
  }

  function settle(sessionId, session) {
    const { error } = session;
    const last = session.open.indexOf(session.answeredId);
    const turnIds = session.open.splice(0, error === undefined ? last + 1 : session.open.length);
    session.error = undefined;
    session.answeredId = undefined;
    if (error === undefined) return tell({ event: "idle", sessionId, turnIds });
    const isInterrupted = error.name === "MessageAbortedError";
    tell({ event: "broken", sessionId, turnIds, isInterrupted, reason: reasonOf(error) });
  }

  function failed(sessionId, error) {
    const session = sessionOf(sessionId);
    session.error = error;
    // On a busy machine it comes after the idle that it explains.
    if (session.status !== "idle") return;
    if (session.open.length > 0) settle(sessionId, session);
    else session.error = undefined;
  }

  return {
    known({ id, parentID }) {
      if (parentID !== undefined && parentID !== null) children.add(id);
    },
    accept(sessionId, turnId, text) {
      if (children.has(sessionId)) return;
      sessionOf(sessionId).open.push(turnId);
      tell({ event: "accepted", sessionId, turnId, text });
    },
    // Told when an answer begins, too: one that was interrupted then never was whole. Of one that failed the error is told
    // here as well, and on a busy machine here only; told again later, its prompt is open no more.
    answered({ role, sessionID, parentID, error, time }) {
      if (role !== "assistant" || children.has(sessionID)) return;
      const session = sessionOf(sessionID);
      if (error !== undefined && session.open.includes(parentID)) failed(sessionID, error);
      else if (error === undefined && time?.completed !== undefined) session.answeredId = parentID;
    },
    error(sessionId, error) {
      if (sessionId === undefined || children.has(sessionId)) return;
      failed(sessionId, error);
    },
    status(sessionId, { type, message }) {
      if (children.has(sessionId)) return;
      const session = sessionOf(sessionId);
      // Told again with each step of a turn, and twice at its end.
      if (type === session.status && type !== "retry") return;
      session.status = type;
      if (type === "idle") settle(sessionId, session);
      else if (type === "retry") tell({ event: "retry", sessionId, reason: message });
      else tell({ event: "busy", sessionId });
    },
    stop() {
      for (const [sessionId, { open }] of sessions) {
        const turnIds = open.splice(0);
        if (turnIds.length > 0) tell({ event: "broken", sessionId, turnIds, isInterrupted: true, reason: "opencode ended" });
      }
    },
  };
}

function reasonOf({ name, data }) {
  const status = data?.statusCode === undefined ? "" : ` ${data.statusCode}`;
  return `${name}${status}: ${data?.message ?? ""}`;
}
