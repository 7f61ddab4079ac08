import { formatAddress, MosaicError, nearNames, type PartialAddress } from "@mosaic/core/light";
import { approvalText, type PsApproval } from "../../fleet/ps-approval.ts";

/** Finds the request that is meant.
 *  @param requestId undefined: the only one there is
 *  @throws MosaicError APPROVAL_NOT_FOUND with near ids, USAGE when there is more than one and none is named, NOT_HERE for one
 *  that only a person at the agent's terminal can answer */
export function chooseApproval(
  agent: PartialAddress,
  approvals: readonly PsApproval[],
  requestId: string | undefined,
): PsApproval {
  const address = formatAddress(agent);
  const [only, ...others] = approvals;
  if (only === undefined) throw nothingAsked(address);
  if (requestId === undefined && others.length > 0) throw several(address, approvals);
  const chosen = requestId === undefined ? only : approvals.find((each) => each.request_id === requestId);
  if (chosen === undefined) throw notAsked(address, requestId ?? "", approvals);
  if (chosen.answerable) return chosen;
  throw new MosaicError("NOT_HERE", `${address} asks for ${approvalText(chosen)} in a way that only its terminal can answer`, {
    hint: `mosaic agent attach ${address}`,
  });
}

function nothingAsked(address: string): MosaicError {
  return new MosaicError("APPROVAL_NOT_FOUND", `${address} asks leave for nothing now`, {
    hint: `see what it does: mosaic agent status ${address}\nif its screen shows a question: mosaic agent attach ${address}`,
  });
}

function several(address: string, approvals: readonly PsApproval[]): MosaicError {
  const told = approvals.map((each) => `${each.request_id} (${approvalText(each)})`).join(", ");
  return new MosaicError("USAGE", `${address} asks for ${approvals.length} things: ${told}`, { hint: "name one by its id" });
}

function notAsked(address: string, requestId: string, approvals: readonly PsApproval[]): MosaicError {
  const ids = approvals.map((each) => each.request_id);
  const near = nearNames(requestId, ids);
  const shown = near.length > 0 ? near : ids;
  return new MosaicError("APPROVAL_NOT_FOUND", `${address} does not ask for ${JSON.stringify(requestId)}, or not any more`, {
    hint: `${near.length > 0 ? "did you mean" : "it asks for"} ${shown.join(", ")}${near.length > 0 ? "?" : ""}`,
  });
}
