import { MosaicError } from "@mosaic/core/light";
import { type DoctorCheck, fault, inOrder, nothingHere } from "../check.ts";

/** The rules for texts that agents are sent. */
export const guardrailsCheck: DoctorCheck = {
  id: "guardrails",
  what: "the guardrails of this host",
  why: "a daemon does not start with bad ones, and one that runs keeps those from before",
  runbook: "POLICY_INVALID",
  async look({ files, paths }) {
    const path = `${paths.mosaicHome}/fleet/guardrails.yaml`;
    const text = await files.read(path);
    if (text === undefined) return [nothingHere(`there is no ${path}`)];
    // With it comes an engine of patterns, which a host without rules need not load.
    const { parseGuardrails } = await import("@mosaic/core/guardrails");
    try {
      parseGuardrails(text, path);
      return [inOrder(path)];
    } catch (thrown) {
      const { code, message } = MosaicError.from(thrown);
      if (code !== "POLICY_INVALID") throw thrown;
      return [fault(message, `\${EDITOR:-vi} ${path}`)];
    }
  },
};
