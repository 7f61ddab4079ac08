import assert from "node:assert/strict";
import type { Credentials } from "@mosaic/identity";
import { type Endpoint, type FleetClient, formatEndpoint, fromConnectError } from "@mosaic/rpc";
import type { DaemonHome } from "./daemon-home.ts";
import { FLEET, type WalledFleet, type WalledHost } from "./walled-fleet.ts";

/** A walled fleet: `alpha` of team-a, whose operator is ada and whose observer is olaf, and `beta` of team-b. */
export interface WalledLogs {
  readonly fleet: WalledFleet;
  readonly alpha: WalledHost;
  readonly beta: WalledHost;
  readonly aggregator: { readonly endpoint: Endpoint };
  readonly ada: Credentials;
  readonly adaHome: DaemonHome;
}

/** An operator reads the logs of the own tenant in the own name, over the aggregator; nobody else does. */
export async function readsLogs({ fleet, alpha, beta, aggregator, ada, adaHome }: WalledLogs): Promise<void> {
  const where = ["--endpoint", formatEndpoint(aggregator.endpoint), "--json"];
  const read = await adaHome.mosaic("logs", "--all-hosts", ...where);
  const { complete, sources, items } = JSON.parse(read.stdout) as {
    readonly complete: boolean;
    readonly sources: readonly string[];
    readonly items: readonly { readonly message: string }[];
  };
  assert.deepEqual([read.exitCode, complete, sources], [0, true, ["team-a/alpha"]], read.stderr);
  assert.ok(items.some(({ message }) => message === "node is serving"));
  assert.equal((await adaHome.mosaic("logs", "--role", "aggregator", ...where)).exitCode, 5);

  const olaf = await fleet.credentialsOf({ kind: "user", fleet: FLEET, tenantId: "team-a", name: "olaf" });
  await using own = fleet.clientOf(aggregator.endpoint, ada);
  await using ofOlaf = fleet.clientOf(aggregator.endpoint, olaf);
  await using direct = fleet.clientOf(beta.endpoint, ada);
  const ofAlpha = { tenantId: "team-a", host: "alpha" };
  assert.match(await outcome(ofOlaf.client, ofAlpha), /^NOT_ALLOWED .*no grant lets tenant\/team-a\/user\/olaf diagnose/);
  assert.match(await outcome(own.client, ofAlpha), /capability of the call is refused: it came without one/);
  const foreign = await outcome(own.client, { tenantId: "team-b", host: "beta" });
  assert.match(foreign, /^HOST_NOT_FOUND/);
  assert.equal(foreign, (await outcome(own.client, { tenantId: "team-b", host: "zeta" })).replace("zeta", "beta"));
  assert.match(await outcome(direct.client, {}), /^NOT_ALLOWED ReadLog is not allowed/);
  const onRecord = (await alpha.audit()).filter(({ facts }) => facts["method"] === "ReadLog");
  assert.ok(
    onRecord.length > 0 && onRecord.every(({ action }) => action === "call.deny"),
    "reading is not on record, a refusal is",
  );
}

async function outcome(client: FleetClient, request: object): Promise<string> {
  try {
    for await (const _ of client.readLog(request));
    return "shown";
  } catch (thrown) {
    const { code, message } = fromConnectError(thrown, "ReadLog");
    return `${code} ${message}`;
  }
}
