import type { EnrolmentHandlers } from "@mosaic/rpc";
import type { EnrolmentDeps } from "./calls.ts";
import { enrol } from "./enrol.ts";
import { approve, invite } from "./invite.ts";
import { listEnrolled, lockOut } from "./lock-out.ts";
import { confirmRoots, renew } from "./renew.ts";

/** EnrolmentService over the fleet's authority and the register of who was let in. */
export function enrolmentHandlers(deps: EnrolmentDeps): EnrolmentHandlers {
  return {
    async getRoots() {
      const { trust, rootsPem } = await deps.authority();
      return { fleet: trust.fleet, roots: rootsPem, nowUnixMs: BigInt(deps.clock.nowUnixMs()) };
    },
    enrol: (request, caller) => enrol(deps, request, caller),
    renew: (request, caller) => renew(deps, request, caller),
    confirmRoots: (request, caller) => confirmRoots(deps, request, caller),
    invite: (request, caller) => invite(deps, request, caller),
    approve: (request, caller) => approve(deps, request, caller),
    lockOut: (request, caller) => lockOut(deps, request, caller),
    listEnrolled: (caller) => listEnrolled(deps, caller),
  };
}
