import type { ErrorCode, MosaicError } from "@mosaic/core/light";

/** What to type next after an error: its own hint, else what helps with any error of its code. Undefined: nothing does. */
export function hintOf(error: Pick<MosaicError, "code" | "hint">): string | undefined {
  return error.hint ?? BY_CODE[error.code];
}

/** For errors that come from far away, or from a connection: who raised them could not know what is to be typed here. */
const BY_CODE: Partial<Readonly<Record<ErrorCode, string>>> = {
  HOST_UNREACHABLE: "see which hosts answer, and why others don't: mosaic host list",
  DEADLINE: "give it longer with --timeout, or see which hosts answer: mosaic host list",
  NOT_SERVED: "see what runs on this host: mosaic gateway status",
  IDENTITY_REFUSED: "see what is wrong with it: mosaic doctor --only certificate,fleet-trust,clock",
  STORE_UNAVAILABLE: "see why, on the host that says so: mosaic doctor --only disk,messages",
  INTERNAL: "this is a fault of Mosaic: repeat it with --verbose, and report what that says",
};
