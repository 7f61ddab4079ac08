/** Mosaic's plugin for opencode: tells the host's node what the agent does, and hands it the node's answers to what it asks leave
 *  for. Loaded by what the launch line sets in OPENCODE_CONFIG_CONTENT; does nothing outside an agent of Mosaic's. Measured with
 *  opencode 1.18.33. */
import { openSpool } from "../spool.mjs";
import { createRequests } from "./requests.mjs";
import { createTurns } from "./turns.mjs";

export const Mosaic = async ({ client }) => {
  const spool = openSpool(process.env);
  if (spool === undefined) return {};
  const turns = createTurns((event) => spool.write(event));
  const requests = createRequests(spool, (request, answer) => reply(client, request, answer));
  spool.write({ event: "loaded" });
  const listeners = {
    "session.created": ({ info }) => turns.known(info),
    "session.updated": ({ info }) => turns.known(info),
    "session.status": ({ sessionID, status }) => turns.status(sessionID, status),
    "session.error": ({ sessionID, error }) => turns.error(sessionID, error),
    "message.updated": ({ info }) => turns.answered(info),
    "permission.asked": (request) => requests.asked(request),
    "permission.replied": ({ sessionID, requestID, reply: given }) => requests.replied(sessionID, requestID, given),
    "question.asked": ({ id, sessionID }) => spool.write({ event: "question", requestId: id, sessionId: sessionID }),
    "question.replied": ({ requestID }) => spool.write({ event: "question_ended", requestId: requestID }),
    "question.rejected": ({ requestID }) => spool.write({ event: "question_ended", requestId: requestID }),
    "message.part.updated": () => spool.progress(),
    "message.part.delta": () => spool.progress(),
  };
  return {
    event: async ({ event }) => quietly(() => listeners[event.type]?.(event.properties)),
    "chat.message": async ({ sessionID }, { message, parts }) =>
      quietly(() => turns.accept(sessionID, message.id, textOf(parts))),
    "tool.execute.before": async () => quietly(() => spool.progress()),
    "tool.execute.after": async () => quietly(() => spool.progress()),
    dispose: async () =>
      quietly(() => {
        requests.stop();
        turns.stop();
      }),
  };
};

/** Whatever a later opencode hands over, its user is not to see it fail here. */
function quietly(work) {
  try {
    work();
  } catch {
    // Nothing is told then, and the node says that it hears nothing.
  }
}

/** What was typed. What opencode adds by itself (the text of a file that is mentioned) is marked as synthetic. */
function textOf(parts) {
  return parts.flatMap((part) => (part.type === "text" && !part.synthetic ? [part.text] : [])).join("\n");
}

async function reply(client, { id, sessionID }, { decision, comment }) {
  const isAllowed = decision === "allow";
  const headers = { "content-type": "application/json" };
  // Only the newer path takes a word to the agent, and no method of the client that plugins get leads there.
  if (!isAllowed && comment && client._client?.post !== undefined) {
    const body = { reply: "reject", message: comment };
    return await client._client.post({ url: "/permission/{requestID}/reply", path: { requestID: id }, body, headers });
  }
  const response = isAllowed ? "once" : "reject";
  await client.postSessionIdPermissionsPermissionId({ path: { id: sessionID, permissionID: id }, body: { response } });
}
