import type { PsHost } from "../fleet/ps-host.ts";

/** Why a host does not answer, without its own address in front: for where that stands beside it, or has no room.
 *  Empty: no reason is known. */
export function bareReason({ address, detail, code }: Pick<PsHost, "address" | "detail" | "code">): string {
  const prefix = `${address}: `;
  const bare = address !== "" && detail.startsWith(prefix) ? detail.slice(prefix.length) : detail;
  return bare || code;
}
