import { MosaicError } from "@mosaic/core";
import { fixedIdentity, type RenewalReply, type RenewalService, type Trust } from "@mosaic/identity";
import { callEnrolment, type EnrolmentEndpoint } from "./call-enrolment.ts";

/** The way to a fleet's authority over the network. It asks the addresses in order, and always as a stranger: a certificate that has
 *  ended would be refused by the handshake, and what proves the caller is in the request.
 *  @param timeoutMs for each call, besides what it asks the authority to wait */
export function renewalService(endpoints: readonly EnrolmentEndpoint[], timeoutMs: number): RenewalService {
  const first = async <Res extends object>(
    method: string,
    request: object,
    trust: Trust,
    waitMs: number,
    signal: AbortSignal,
  ) => {
    let last = new MosaicError("NOT_SERVED", "no address is known where to renew", { hint: "enrol again: mosaic host join" });
    for (const endpoint of endpoints) {
      try {
        const identity = fixedIdentity(trust);
        return await callEnrolment<Res>(endpoint, method, request, { timeoutMs: timeoutMs + waitMs, signal, identity });
      } catch (thrown) {
        last = MosaicError.from(thrown);
        if (last.code !== "NOT_SERVED" && last.code !== "DEADLINE") throw last;
      }
    }
    throw last;
  };
  return {
    renew: ({ csr, ...request }, trust, signal) =>
      first<RenewalReply>("Renew", { ...request, csr: Buffer.from(csr).toString("base64") }, trust, request.waitMs, signal),
    async confirmRoots({ csr, ...request }, trust, signal) {
      await first("ConfirmRoots", { ...request, csr: Buffer.from(csr).toString("base64") }, trust, 0, signal);
    },
  };
}
