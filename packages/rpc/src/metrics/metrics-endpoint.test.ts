import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { Agent, request } from "node:https";
import { test } from "node:test";
import type { ConnectionOptions } from "node:tls";
import { silentLog } from "@mosaic/core";
import { type Credentials, fixedIdentity, keyToPem, type LockView, NO_LOCKS, type Policy, surveyJudge } from "@mosaic/identity";
import { realClock } from "@mosaic/testkit";
import { type Endpoint, formatEndpoint, parseEndpoint } from "../endpoint.ts";
import { ada, node, testFleet } from "../tls/fleet-for-tests.ts";
import { serveMetrics } from "./metrics-endpoint.ts";

const text = { contentType: "text/plain", text: async () => "mosaic_hosts 3\n" };
const anywhere = parseEndpoint("https://127.0.0.1:0");
const ADA_MAY: Policy = { grants: [{ role: "fleet-observer", who: "tenant/team-a/user/ada" }] };

async function setUp() {
  const fleet = await testFleet();
  let laterMs = 0;
  const clock = { ...realClock, nowUnixMs: () => Date.now() + laterMs };
  let [locks, policy]: [LockView, Policy] = [NO_LOCKS, ADA_MAY];
  const own = fixedIdentity(fleet.trust, await fleet.credentialsOf(node));
  const identity = Object.assign(own, { locks });
  const live = {
    get policy() {
      return policy;
    },
  };
  const judged = {
    trust: fleet.trust,
    get locks() {
      return locks;
    },
  };
  const readers = { identity, assertMayRead: surveyJudge({ identity: judged, policy: live, clock }) };
  return {
    ...{ fleet, readers, wait: (ms: number) => (laterMs += ms) },
    lock: (view: LockView) => (locks = view),
    rule: (other: Policy) => (policy = other),
  };
}

/** How Prometheus opens a connection: it takes any server, as no name of a host is in a fleet's certificates. */
const shows = (credentials?: Credentials): ConnectionOptions => ({
  rejectUnauthorized: false,
  ...(credentials && { key: keyToPem(credentials.key), cert: credentials.chain.map(String).join("") }),
});

/** @returns status and text over HTTP/1.1 */
async function ask(endpoint: Endpoint, options: ConnectionOptions & { agent?: Agent; method?: string }, path = "/metrics") {
  return await new Promise<[number | undefined, string]>((resolve, reject) => {
    const asked = request(`${formatEndpoint(endpoint)}${path}`, options, async (response) => {
      let body = "";
      for await (const piece of response) body += piece;
      resolve([response.statusCode, body]);
    });
    asked.on("error", reject).end();
  });
}

test("metrics are shown to who is of the fleet and may survey it, and to nobody else", async () => {
  const { fleet, readers, wait } = await setUp();
  await using metrics = await serveMetrics(anywhere, text, silentLog, readers);
  const { endpoint } = metrics;
  const observer = await fleet.credentialsOf(ada);
  assert.deepEqual(await ask(endpoint, shows(observer)), [200, "mosaic_hosts 3\n"]);
  assert.deepEqual(await ask(endpoint, { ...shows(observer), method: "HEAD" }), [200, ""]);
  assert.equal((await ask(endpoint, shows(observer), "/"))[0], 404);
  assert.equal((await ask(endpoint, { ...shows(observer), method: "POST" }))[0], 405);

  assert.deepEqual(await ask(endpoint, shows()), [401, "no certificate was shown\n"]);
  const stranger = await (await testFleet("acme")).credentialsOf(ada);
  assert.deepEqual(await ask(endpoint, shows(stranger)), [401, "no authority of this fleet has signed the certificate\n"]);
  const bob = await fleet.credentialsOf({ ...ada, name: "bob" });
  assert.deepEqual(await ask(endpoint, shows(bob)), [403, "no grant lets tenant/team-a/user/bob survey the fleet\n"]);
  const otherNode = await fleet.credentialsOf({ ...node, hostId: "h-2" });
  assert.equal((await ask(endpoint, shows(otherNode)))[0], 403, "a daemon has no grant either");
  const plain = { ...endpoint, kind: "tcp" } as Endpoint;
  await assert.rejects(fetch(`${formatEndpoint(plain)}/metrics`), "not in plain text");
  wait(48 * 3_600_000);
  assert.match((await ask(endpoint, shows(observer)))[1], /^the certificate ended/);
});

test("a lock and a change of the policy count for the next request of the same connection", async () => {
  const { fleet, readers, lock, rule } = await setUp();
  await using metrics = await serveMetrics(anywhere, text, silentLog, readers);
  const agent = new Agent({ ...shows(await fleet.credentialsOf(ada)), keepAlive: true, maxSockets: 1 });
  const next = async () => (await ask(metrics.endpoint, { agent }))[0];
  assert.equal(await next(), 200);
  rule({ grants: [{ role: "operator", tenantId: "team-a", who: "tenant/team-a/user/ada" }] });
  assert.equal(await next(), 403, "to operate one tenant is not to survey all");
  rule(ADA_MAY);
  assert.equal(await next(), 200);
  const locks = [{ kind: "user", value: "team-a/ada", reason: "left", atUnixMs: 0 }] as const;
  lock({ locks, asOfUnixMs: Date.now() });
  assert.equal(await next(), 401);
  agent.destroy();
});

test("HTTP/2, which Prometheus prefers, is answered as HTTP/1.1 is", async () => {
  const { fleet, readers } = await setUp();
  await using metrics = await serveMetrics(anywhere, text, silentLog, readers);
  const statuses: unknown[] = [];
  for (const credentials of [await fleet.credentialsOf(ada), undefined]) {
    const session = connectHttp2(formatEndpoint(metrics.endpoint), shows(credentials));
    const stream = session.request({ ":path": "/metrics" });
    stream.on("response", (headers) => statuses.push(headers[":status"]));
    let body = "";
    for await (const piece of stream) body += piece;
    statuses.push(body);
    session.close();
  }
  assert.deepEqual(statuses, [200, "mosaic_hosts 3\n", 401, "no certificate was shown\n"]);
});

test("off loopback there is TLS with an identity, or nothing", async () => {
  const { fleet, readers } = await setUp();
  const refused = (reason: RegExp) => ({ code: "NOT_ALLOWED", message: reason });
  const open = { kind: "tcp", hostname: "0.0.0.0", port: 0 } as const;
  await assert.rejects(serveMetrics(open, text, silentLog, readers), refused(/http:\/\/0\.0\.0\.0:0: in plain text only/));
  const nobody = { ...readers, identity: fixedIdentity(fleet.trust) };
  for (const none of [undefined, nobody])
    await assert.rejects(serveMetrics({ ...open, kind: "tls" }, text, silentLog, none), refused(/there is no identity to show/));
});
