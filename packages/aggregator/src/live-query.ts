import { firstPageOf, type ListPage, MosaicError, type PinnedLists } from "@mosaic/core";
import type { CallContext } from "@mosaic/rpc";
import type { ListRequest } from "@mosaic/wire";
import { Admission } from "./fan-out/admission.ts";
import { LEAST_TIME_MS, MERGE_RESERVE_MS } from "./fan-out/fan-out-limits.ts";
import { type LiveListDeps, listLive } from "./live-fan-out.ts";
import { assertMayCome } from "./question-path.ts";

export interface LiveQueryDeps extends LiveListDeps {
  /** Keeps the answers that take more than one page. */
  readonly pins: PinnedLists;
}

/** Answers live questions: within their time, and no more at once than there is use in. */
export class LiveQueries {
  readonly #deps: LiveQueryDeps;
  readonly #admission = new Admission();

  constructor(deps: LiveQueryDeps) {
    this.#deps = deps;
  }

  /** The first page of what every selected host says now. The others are pages of that same answer.
   *  @throws MosaicError BUSY while too many are asked for the same tenant, DEADLINE when the time left is hardly worth a call,
   *  INCOMPATIBLE for a question that came back to us or over too many */
  async list(request: ListRequest, { caller, span, signal, timeoutMs }: CallContext): Promise<ListPage> {
    const { clock, fanOut, pins, table } = this.#deps;
    assertMayCome(request.via, table.ownId);
    const { deadlineMs, maxDeadlineMs } = fanOut.limits;
    const leftMs = Math.min(timeoutMs() ?? deadlineMs, maxDeadlineMs);
    if (leftMs < LEAST_TIME_MS) {
      throw new MosaicError("DEADLINE", `${Math.max(0, Math.round(leftMs))} ms are left: too little to ask any host`, {
        hint: "allow more: --timeout 5s",
      });
    }
    using _place = this.#enter(request, caller);
    const endsAtMs = clock.monotonicMs() + Math.max(leftMs / 2, leftMs - MERGE_RESERVE_MS);
    const { selector, via } = request;
    const call = { selector, via, traceparent: span.traceparent, signal, endsAtMs };
    return firstPageOf(await listLive(this.#deps, call), request, pins);
  }

  #enter({ selector }: ListRequest, caller: CallContext["caller"]): Disposable {
    const identity = caller?.kind === "peer" ? caller.identity : undefined;
    // Whoever has a name waits for the own tenant's questions only, whichever they are about.
    if (identity !== undefined && "tenantId" in identity) return this.#admission.enter(identity.tenantId);
    const [tenant = "", ...others] = selector?.tenantIds ?? [];
    return this.#admission.enter(others.length > 0 ? "" : tenant);
  }
}
