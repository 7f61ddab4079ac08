import type { X509Certificate } from "node:crypto";
import { MosaicError } from "@mosaic/core";
import {
  type Authority,
  type CaState,
  createFleetCa,
  formatAuthority,
  formatCaState,
  issueIntermediate,
  pinOf,
  type RotationStep,
  takeStep,
} from "@mosaic/identity";
import { rootFile } from "./ca-paths.ts";
import { type CaView, memberTrust } from "./ca-view.ts";
import type { PlannedWrite } from "./planned-write.ts";

export interface RotationWish {
  readonly step: RotationStep;
  /** Where the next root's key goes, absolute. */
  readonly rootOut: string;
  /** Members that may be left behind. */
  readonly without: readonly string[];
  readonly nowUnixMs: number;
  /** What `next-intermediate.pem` holds; undefined: there is none. */
  readonly nextIntermediate: Authority | undefined;
}

/** What a step of changing the root writes, in order; `state.json` comes last, so that a step that was cut off can be taken again.
 *  @throws MosaicError NOT_ALLOWED as {@link takeStep} */
export async function planRotation(
  view: CaView,
  wish: RotationWish,
): Promise<{ readonly state: CaState; readonly writes: readonly PlannedWrite[] }> {
  const phase = takeStep(view.state, wish.step, memberTrust(view.register, wish.nowUnixMs), wish.without);
  const { state, writes } = await stepOf(view, wish);
  const next: CaState = { ...state, phase };
  const last: PlannedWrite = {
    path: view.paths.state,
    text: formatCaState(next),
    mode: 0o600,
    what: `the authority is ${phase}`,
  };
  return { state: next, writes: [...writes, last] };
}

async function stepOf({ state, paths, roots }: CaView, wish: RotationWish): Promise<{ state: CaState; writes: PlannedWrite[] }> {
  switch (wish.step) {
    case "add": {
      const ca = await createFleetCa(state.fleet, wish.nowUnixMs);
      const pin = pinOf(ca.root.certificate);
      const writes: PlannedWrite[] = [
        {
          path: rootFile(wish.rootOut, pin),
          text: formatAuthority(ca.root),
          mode: 0o600,
          what: "the next root and its key: take it off this machine",
        },
        {
          path: paths.nextIntermediate,
          text: formatAuthority(ca.intermediate),
          mode: 0o600,
          what: "the intermediate that will sign",
        },
        rootsWrite(paths.roots, [...roots, ca.root.certificate], "both roots: everybody is told of the next one from now on"),
      ];
      return { state: { ...state, nextRootPin: pin }, writes };
    }
    case "trust":
      return { state, writes: [] };
    case "sign": {
      if (!wish.nextIntermediate)
        throw new MosaicError("IDENTITY_REFUSED", `${paths.nextIntermediate} is gone`, { hint: "put it back from a copy" });
      const text = formatAuthority(wish.nextIntermediate);
      return {
        state,
        writes: [
          { path: paths.intermediate, text, mode: 0o600, what: "the intermediate under the next root, which signs from now on" },
        ],
      };
    }
    case "drop": {
      const { nextRootPin: rootPin = state.rootPin, fleet, phase } = state;
      const left = roots.filter((root) => pinOf(root) === rootPin);
      if (left.length === 0)
        throw new MosaicError("IDENTITY_REFUSED", `${paths.roots} does not hold the next root`, {
          hint: "put it back from a copy",
        });
      return {
        state: { fleet, phase, rootPin },
        writes: [rootsWrite(paths.roots, left, "the one root that is trusted from now on")],
      };
    }
    default:
      return wish.step satisfies never;
  }
}

/** A new intermediate under the root in use, which is no change of trust and needs no phases.
 *  @throws MosaicError IDENTITY_REFUSED when the root is not the one in use */
export async function planIntermediate(
  { state, paths, roots }: CaView,
  root: Authority,
  nowUnixMs: number,
): Promise<readonly PlannedWrite[]> {
  if (!roots.some((each) => pinOf(each) === pinOf(root.certificate)))
    throw new MosaicError("IDENTITY_REFUSED", "that root is not one that the fleet trusts", {
      hint: "see which: mosaic fleet ca status",
    });
  const intermediate = await issueIntermediate(root, state.fleet, nowUnixMs);
  return [
    {
      path: paths.intermediate,
      text: formatAuthority(intermediate),
      mode: 0o600,
      what: "the next intermediate, which signs for 90 days",
    },
  ];
}

function rootsWrite(path: string, roots: readonly X509Certificate[], what: string): PlannedWrite {
  return { path, text: roots.map(String).join(""), mode: 0o644, what };
}
