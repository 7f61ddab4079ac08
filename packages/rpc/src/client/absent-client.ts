import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { FleetService } from "@mosaic/wire";
import type { FleetClient } from "./connect-fleet.ts";

/** A client of somebody who is not there: every call is UNAVAILABLE, with the reason. */
export function absentClient(reason: string): FleetClient {
  const refuse = async (): Promise<never> => {
    throw new ConnectError(reason, Code.Unavailable);
  };
  const nobody: Transport = { unary: refuse, stream: refuse };
  return createClient(FleetService, nobody);
}
