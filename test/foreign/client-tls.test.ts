/** The TypeScript client, and `mosaic mcp` over it, at a daemon with walls: who they are, what they sign, and what they are refused. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { callerIdentity, connectFleet, MosaicError } from "@mosaic/client";
import { formatCredentials, identityFolder, readCapability } from "@mosaic/identity";
import { signedRequest } from "@mosaic/rpc";
import { anAgent } from "@mosaic/testkit";
import { DeliveryState, type SendRequest } from "@mosaic/wire";
import { ada, certificateGuard, node, serveTls, testFleet } from "../../packages/rpc/src/tls/fleet-for-tests.ts";
import { cleanEnvironment, MOSAIC } from "../mesh/demo-fleet.ts";

test("a message over TLS is signed by its caller, for the complete address of its agent", { timeout: 60_000 }, async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await testFleet();
  const taken: { readonly request: SendRequest; readonly token: string | undefined }[] = [];
  const { endpoint } = await serveTls(stack, {
    tls: { identity: await fleet.sourceOf(node) },
    guard: certificateGuard(fleet),
    handlers: {
      list: async () => ({ rows: [anAgent()], hosts: [], epoch: "e", rev: 1n, nextPageToken: "", isInconsistent: false }),
      async send(request, { token }) {
        taken.push({ request, token });
        return { receipt: { messageId: request.messageId, state: DeliveryState.ENTERED } };
      },
    },
  });
  const url = `https://127.0.0.1:${endpoint.port}`;
  const pem = formatCredentials(await fleet.credentialsOf(ada));
  const identity = callerIdentity(pem, fleet.trust.roots.map(String).join(""));
  await using client = connectFleet({ endpoint: url, identity });
  assert.equal((await client.info()).id, "stub");
  await client.send({ to: "lead", text: "hello" });
  const [{ request, token = "" } = assert.fail("nothing was taken")] = taken;
  assert.deepEqual([request.agent?.tenantId, request.agent?.host, request.agent?.name], ["team-a", "alpha", "lead"]);
  const requestSha256 = signedRequest("Send", request)?.requestSha256 ?? "";
  const deed = { method: "Send", target: "team-a/id-of-team-a-alpha/lead", requestSha256 };
  const maxTtlMs = 7 * 24 * 3_600_000;
  const { caller } = await readCapability(token, deed, fleet.trust, { nowUnixMs: Date.now(), maxTtlMs });
  assert.deepEqual(caller, ada);
  assert.throws(() => connectFleet({ endpoint: url }), { code: "NOT_ALLOWED", hint: /mosaic login/ });
});

test("mosaic mcp acts as the person of its home, and what that person may not do is refused by name", {
  timeout: 60_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await testFleet();
  const callers: unknown[] = [];
  const { endpoint } = await serveTls(stack, {
    tls: { identity: await fleet.sourceOf(node) },
    guard: certificateGuard(fleet),
    handlers: {
      async list(_request, { caller }) {
        callers.push(caller?.kind === "peer" ? caller.identity : caller);
        return { rows: [anAgent()], hosts: [], epoch: "e", rev: 1n, nextPageToken: "", isInconsistent: false };
      },
      async send() {
        throw new MosaicError("NOT_ALLOWED", "ada may look at team-a, and not send to it");
      },
    },
  });
  const home = await homeOf(stack, fleet);
  const client = stack.adopt(new Client({ name: "test", version: "1" }), (each) => each.close());
  const [command, ...program] = MOSAIC;
  const args = [...program, "mcp", "--endpoint", `https://127.0.0.1:${endpoint.port}`, "--mosaic-home", home];
  await client.connect(new StdioClientTransport({ command, args, env: { ...cleanEnvironment(home) } }));
  const listed = await client.callTool({ name: "list_agents", arguments: {} });
  assert.match(JSON.stringify(listed.structuredContent), /team-a\/alpha\/lead/);
  assert.deepEqual(callers, [ada]);
  const refused = await client.callTool({ name: "send_message", arguments: { to: "lead", text: "hello" } });
  assert.equal(refused.isError, true);
  assert.match(JSON.stringify(refused.content), /NOT_ALLOWED: ada may look at team-a, and not send to it/);
});

/** A home in which ada is logged in. */
async function homeOf(stack: AsyncDisposableStack, fleet: Awaited<ReturnType<typeof testFleet>>): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "mosaic-mcp-"));
  stack.defer(() => rm(home, { recursive: true, force: true }));
  const folder = identityFolder(home, "user");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, "credentials.pem"), formatCredentials(await fleet.credentialsOf(ada)), { mode: 0o600 });
  await writeFile(join(folder, "roots.pem"), fleet.trust.roots.map(String).join(""), { mode: 0o600 });
  return home;
}
