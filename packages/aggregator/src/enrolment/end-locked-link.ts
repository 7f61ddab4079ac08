import type { Clock } from "@mosaic/core";
import type { Member } from "@mosaic/core/membership";
import type { LockView } from "@mosaic/identity";
import type { FleetConnection } from "@mosaic/rpc";

export interface LockSource {
  readonly now: () => LockView;
  onChange(listener: () => void): Disposable;
}

/** A connection to a member that ends with the first lock on it. The next one is refused when it is opened; the one that is there was
 *  let in before. */
export function endLockedLink(
  connection: FleetConnection,
  { hostId, tenantId }: Pick<Member, "hostId" | "tenantId">,
  locks: LockSource,
  clock: Pick<Clock, "nowUnixMs">,
): FleetConnection {
  const openedAtUnixMs = clock.nowUnixMs();
  const watch = locks.onChange(() => {
    const isOut = locks.now().locks.some(({ kind, value, atUnixMs }) => {
      const isIt = (kind === "host" && value === hostId) || (kind === "tenant" && value === tenantId);
      // One that was there before is looked at with each new connection, beside when its certificate was made.
      return isIt && atUnixMs >= openedAtUnixMs;
    });
    if (isOut) void connection[Symbol.asyncDispose]();
  });
  return {
    client: connection.client,
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      await connection[Symbol.asyncDispose]();
    },
  };
}
