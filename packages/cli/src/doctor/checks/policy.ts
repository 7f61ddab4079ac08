import { MosaicError } from "@mosaic/core/light";
import { parsePolicy } from "@mosaic/identity";
import { type DoctorCheck, fault, inOrder, nothingHere } from "../check.ts";

/** Who may do what on this host. */
export const policyCheck: DoctorCheck = {
  id: "policy",
  what: "the policy of this host",
  why: "a daemon that runs keeps the last good one, and one that starts lets nobody in",
  runbook: "POLICY_INVALID",
  async look({ files, paths }) {
    const path = `${paths.mosaicHome}/fleet/policy.yaml`;
    const text = await files.read(path);
    if (text === undefined) return [nothingHere(`there is no ${path}: only the tenant itself may do anything`)];
    try {
      const { grants } = parsePolicy(text, path);
      return [inOrder(`${grants.length} ${grants.length === 1 ? "grant" : "grants"} in ${path}`)];
    } catch (thrown) {
      const { code, message } = MosaicError.from(thrown);
      if (code !== "POLICY_INVALID") throw thrown;
      return [fault(message, "mosaic policy check")];
    }
  },
};
