import type { Endpoint } from "@mosaic/rpc/plain-unary";
import { askFirst, placesFor } from "../remote/endpoints.ts";
import type { EvidencePart, GateQuestion } from "./evidence-part.ts";

/** So many are asked, after some that are not counted. */
const CALLS = 50;
const WARM_UP_CALLS = 5;

/** How long Lists take, as a ratio to what an Info of the same server takes in the same moments: milliseconds of one machine, or of a
 *  busy minute, say nothing of another. The tolerances are wide, since one slow call of fifty makes the p99. */
export const latencyEvidence: EvidencePart = {
  parts: ["latency"],
  async collect(question) {
    const endpoint = await askFirst(placesFor("anywhere", question.globals), async (place) => {
      await question.deps.remote.unary(place.endpoint, "Info", {}, question.timeoutMs);
      return place.endpoint;
    });
    const [floor, list]: [number[], number[]] = [[], []];
    for (let call = -WARM_UP_CALLS; call < CALLS; call += 1) {
      const infoMs = await timed(endpoint, "Info", {}, question);
      const listMs = await timed(endpoint, "List", { pageSize: 100 }, question);
      if (call < 0) continue;
      floor.push(infoMs);
      list.push(listMs);
    }
    // A List that seems quicker than an Info met fewer pauses by chance; as a baseline that would make every later one worse.
    const ratio = (part: number) => Math.max(1, Number((at(list, part) / at(floor, part)).toFixed(2)));
    return {
      "latency.list_p50_to_info": { rule: "at-most", tolerance: 1, value: ratio(0.5) },
      "latency.list_p99_to_info": { rule: "at-most", tolerance: 4, value: ratio(0.99) },
    };
  },
};

async function timed(endpoint: Endpoint, method: string, request: object, { deps, timeoutMs }: GateQuestion): Promise<number> {
  const startedMs = performance.now();
  await deps.remote.unary(endpoint, method, request, timeoutMs);
  return performance.now() - startedMs;
}

function at(durationsMs: readonly number[], part: number): number {
  const sorted = durationsMs.toSorted((a, b) => a - b);
  // A clock that stood still must not make the ratio infinite.
  return Math.max(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0, 0.01);
}
