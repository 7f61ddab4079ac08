import type { InfoResponseJson } from "@mosaic/wire";
import { askFirst, placesFor } from "../remote/endpoints.ts";
import type { EvidencePart } from "./evidence-part.ts";

/** What whoever serves the fleet says of itself. */
export const serverEvidence: EvidencePart = {
  parts: ["server"],
  async collect({ globals, deps, timeoutMs }) {
    const info = await askFirst(placesFor("anywhere", globals), ({ endpoint }) =>
      deps.remote.unary<InfoResponseJson>(endpoint, "Info", {}, timeoutMs),
    );
    const { version = "", protocolVersion = 0, capabilities = [], role = "ROLE_UNSPECIFIED", maxMessageBytes = 0 } = info;
    return {
      "server.capabilities": { rule: "keeps", value: capabilities },
      "server.max_message_bytes": { rule: "at-least", value: maxMessageBytes },
      "server.protocol": { rule: "same", value: protocolVersion },
      "server.role": { rule: "same", value: role },
      "server.version": { rule: "known", value: version },
    };
  },
};
