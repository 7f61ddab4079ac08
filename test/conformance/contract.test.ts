import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { formatEndpoint } from "@mosaic/rpc";
import {
  appliesTo,
  assertListed,
  type ContractContext,
  type ExpectedFailures,
  eventually,
  fleetContract,
  runExpecting,
  WatchReader,
} from "@mosaic/testkit";
import { FleetService, HostState } from "@mosaic/wire";
import { type Arrangement, arrangements, type RunningArrangement } from "./arrangements.ts";
import { LOG_CAPACITY } from "./start-fakes.ts";

/** What one case may take at most, in ms, on a machine that has other things to do. */
const CASE_DEADLINE_MS = 20_000;
const expectedFailures: ExpectedFailures = JSON.parse(readFileSync(new URL("expected-failures.json", import.meta.url), "utf8"));

test("the list of expected failures names only arrangements and cases that exist", () => {
  assertListed(
    expectedFailures,
    arrangements.map((arrangement) => arrangement.name),
    fleetContract,
  );
});

test("every case has a name of its own", () => {
  const names = fleetContract.map((oneCase) => oneCase.name);
  assert.equal(new Set(names).size, names.length);
});

for (const arrangement of arrangements) {
  describe(arrangement.name, { concurrency: 4 }, () => {
    const gaps = new Set(expectedFailures[arrangement.name]);
    for (const oneCase of fleetContract) {
      if (!appliesTo(oneCase, shapeOf(arrangement))) continue;
      test(oneCase.name, { timeout: 2 * CASE_DEADLINE_MS }, async () => {
        await using stack = new AsyncDisposableStack();
        const context = await settled(stack, await arrangement.start(stack));
        await runExpecting(oneCase, context, gaps.has(oneCase.name));
      });
    }
  });
}

// What a case needs to know before anything is started, read off the arrangement's name.
function shapeOf({ name }: Arrangement): Pick<ContractContext, "jsonClient" | "hosts"> {
  const hosts = { length: /three|two/.test(name) ? 3 : 1 } as unknown as ContractContext["hosts"];
  return { hosts, jsonClient: name.includes("memory") ? undefined : ({} as ContractContext["client"]) };
}

/** Waits until the server knows every host and agent, because the cases start from there. */
async function settled(stack: AsyncDisposableStack, running: RunningArrangement): Promise<ContractContext> {
  const { hosts, role, endpoint } = running;
  const { client } = stack.use(running.connect());
  const signal = AbortSignal.timeout(CASE_DEADLINE_MS);
  const reader = new WatchReader(client, {}, { signal });
  const isSettled = () => {
    const { state } = reader.view;
    return (
      state.rowCount === 2 * hosts.length && state.hosts().every((host) => host.state === HostState.LIVE && host.hostId !== "")
    );
  };
  await reader.until(isSettled);
  await reader[Symbol.asyncDispose]();
  await eventually(
    "the server let go of the watch",
    async () => Object.keys((await client.info({}, { signal })).liveStreams).length === 0,
  );
  const jsonClient =
    endpoint &&
    createClient(
      FleetService,
      createConnectTransport({ baseUrl: formatEndpoint(endpoint), httpVersion: "1.1", useBinaryFormat: false }),
    );
  return { client, jsonClient, hosts, role, logCapacity: LOG_CAPACITY, signal };
}
