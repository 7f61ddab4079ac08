/** Mosaic's extension for pi: tells the host's node what the agent does. Loaded by the launch line, `pi --extension <this file>`;
 *  does nothing outside an agent of Mosaic's. Measured with pi 0.73.1. */
import { openSpool } from "../spool.mjs";
import { createTurns } from "./turns.mjs";

// pi asks for a default export.
// biome-ignore lint/style/noDefaultExport: the runtime's own rule
export default function mosaic(pi) {
  const spool = openSpool(process.env);
  if (spool === undefined) return;
  const turns = createTurns((event) => spool.write(event));
  const on = (name, listener) =>
    pi.on(name, (event, context) => {
      try {
        listener(event, context);
      } catch {
        // Whatever a later pi hands over, its user is not to see it fail here.
      }
    });
  on("session_start", ({ reason }, context) => turns.start(reason, sessionOf(context)));
  on("input", ({ text }, context) => turns.input(text, !context.isIdle()));
  on("agent_start", () => turns.run());
  on("message_start", ({ message }) => message.role === "user" && turns.deliver(textOf(message)));
  on("agent_end", ({ messages }) => turns.end(messages.findLast(({ role }) => role === "assistant")));
  on("session_shutdown", ({ reason }) => turns.shutDown(reason));
  for (const name of ["turn_start", "message_update", "tool_execution_start", "tool_execution_update", "tool_execution_end"]) {
    on(name, () => spool.progress());
  }
}

function sessionOf({ sessionManager }) {
  return { sessionId: sessionManager.getSessionId(), transcriptPath: sessionManager.getSessionFile() };
}

function textOf({ content }) {
  if (typeof content === "string") return content;
  return content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
}
