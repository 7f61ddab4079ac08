/** Mosaic as a coding agent (MCP), an agent of another maker (A2A), a shell (curl) and a service in TypeScript see it: the official
 *  clients of both protocols, the commands of docs/clients/curl.md and packages/client, against one demo fleet. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type Part, Role, type StreamResponse, TaskState } from "@a2a-js/sdk";
import {
  type Client as A2aClient,
  ClientFactory,
  ClientFactoryOptions,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
} from "@a2a-js/sdk/client";
import { Client as McpClient } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { type DemoFleet, MOSAIC, startDemoFleet } from "../mesh/demo-fleet.ts";
import { startOtlpCollector } from "../mesh/otlp-collector.ts";
import { runToEnd } from "../mesh/run-program.ts";
import { tellAll } from "../mesh/tell-all.ts";
import { putClientToWork } from "./typescript-client.ts";

const root = join(import.meta.dirname, "../..");
const hasCurl = spawnSync("curl", ["--version"]).status === 0;

test(
  "services in front of a fleet",
  { timeout: 150_000 },
  tellAll(async (t) => {
    await using collector = await startOtlpCollector();
    await using fleet = await startDemoFleet({ hosts: 2, agents: 2, env: collector.env });
    await t.test("mosaic mcp: an agent lists, messages and waits for others", () => overMcp(fleet));
    await t.test("mosaic mcp --read-only has nothing that changes anything", () => overReadOnlyMcp(fleet));
    await t.test("mosaic a2a serve: each agent is an A2A agent", () => overA2a(fleet));
    await t.test("every command of docs/clients/curl.md", { skip: hasCurl ? false : "needs curl: apt-get install curl" }, () =>
      byCurl(fleet),
    );
    await putClientToWork(t, fleet, collector);
  }),
);

async function openMcp(stack: AsyncDisposableStack, fleet: DemoFleet, ...flags: string[]): Promise<McpClient> {
  const client = stack.adopt(new McpClient({ name: "test", version: "1" }), (each) => each.close());
  const [command, ...args] = [...MOSAIC, "mcp", ...flags];
  await client.connect(new StdioClientTransport({ command, args, env: { ...fleet.env, MOSAIC_AGENT_NAME: "coder9" } }));
  return client;
}

async function overMcp(fleet: DemoFleet): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const client = await openMcp(stack, fleet);
  const { tools } = await client.listTools();
  assert.deepEqual(
    tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint, annotations?.destructiveHint]).toSorted(),
    [
      ["list_agents", true, false],
      ["list_approvals", true, false],
      ["read_screen", true, false],
      ["send_message", false, true],
      ["wait_for_answer", true, false],
    ],
  );
  const ask = async (name: string, args: Record<string, unknown> = {}) => {
    const { isError, structuredContent, content } = await client.callTool({ name, arguments: args });
    const [first] = content as { text?: string }[];
    return { isError: isError ?? false, text: first?.text ?? "", found: (structuredContent ?? {}) as Record<string, unknown> };
  };
  const { found } = await ask("list_agents", { names: ["lead"] });
  assert.deepEqual(
    (found["agents"] as { address: string }[]).map(({ address }) => address),
    ["demo/alpha/lead", "demo/beta/lead"],
  );

  const answered = await ask("send_message", { to: "beta/lead", text: "from an agent" });
  assert.deepEqual([answered.found["complete"], answered.found["state"]], [true, "ANSWERED"], answered.text);
  assert.match((answered.found["answer"] as { text: string }).text, /^you said: from an agent/m);

  assert.match(client.getInstructions() ?? "", /^You are the agent coder9/);
  const told = await fleet.mosaic(["message", "show", String(answered.found["message_id"]), "--json"]);
  assert.match(told.stdout, /"source_label":"[^"]+\/coder9:mcp"/);

  const early = await ask("send_message", { to: "alpha/coder0", text: "stub:slow=1500 later", timeout_s: 1 });
  assert.equal(early.found["complete"], false, early.text);
  assert.match(String(early.found["hint"]), /the message goes on: ask wait_for_answer/);
  const later = await ask("wait_for_answer", { message_id: early.found["message_id"], timeout_s: 20 });
  assert.match((later.found["answer"] as { text: string }).text, /^you said: stub:slow=1500 later/m, later.text);

  const unknown = await ask("send_message", { to: "beta/leed", text: "x" });
  assert.deepEqual([unknown.isError, unknown.text.split(":")[0]], [true, "AGENT_NOT_FOUND"]);
  assert.match(unknown.text, /hint: .*lead/);
  assert.equal((await ask("send_message", { to: "beta/lead" })).isError, true, "a text is asked for");

  await ask("send_message", { to: "alpha/lead", text: "stub:waiting=permission", wait: "accepted" });
  const waiting = await fleet.eventually("somebody waits", async () => {
    const { items } = (await ask("list_approvals")).found as { items: { name: string; host: string }[] };
    return items.length > 0 && items;
  });
  assert.deepEqual(
    waiting.map(({ host, name }) => `${host}/${name}`),
    ["alpha/lead"],
  );
  await ask("send_message", { to: "alpha/lead", text: "go on", wait: "accepted" });
}

async function overReadOnlyMcp(fleet: DemoFleet): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const client = await openMcp(stack, fleet, "--read-only");
  const { tools } = await client.listTools();
  assert.deepEqual(
    tools.filter(({ annotations }) => !annotations?.readOnlyHint),
    [],
  );
  assert.equal(tools.length, 4);
  const screen = await client.callTool({ name: "read_screen", arguments: { agent: "beta/lead", lines: 50 } });
  assert.match(JSON.stringify(screen.structuredContent), /from an agent/);
}

async function overA2a(fleet: DemoFleet): Promise<void> {
  await using server = fleet.start(["a2a", "serve", "--listen", "127.0.0.1:0", "--json"]);
  const told = await fleet.eventually(
    "the server is up",
    () => server.stdout().split("\n").length > 1 && server.stdout(),
    20_000,
  );
  const { url, token_file } = JSON.parse(told) as { url: string; token_file: string };
  const token = (await readFile(token_file, "utf8")).trim();
  const authorized: typeof fetch = (input, init = {}) =>
    fetch(input, { ...init, headers: { ...Object.fromEntries(new Headers(init.headers)), authorization: `Bearer ${token}` } });

  assert.deepEqual(await (await fetch(`${url}/healthz`)).json(), { status: "ok" });
  assert.equal((await fetch(`${url}/agents`)).status, 401, "without the token");
  assert.equal((await authorized(`${url}/agents`, { headers: { origin: "http://page.test" } })).status, 403, "from a page");
  assert.equal((await authorized(`${url}/agents/demo/beta/leed/.well-known/agent-card.json`)).status, 404);
  const { agents } = (await (await authorized(`${url}/agents`)).json()) as { agents: { address: string }[] };
  assert.equal(agents.length, 4);

  const transports = [new JsonRpcTransportFactory({ fetchImpl: authorized })];
  const cardResolver = new DefaultAgentCardResolver({ fetchImpl: authorized });
  const factory = new ClientFactory({ ...ClientFactoryOptions.default, transports, cardResolver });
  const client = await factory.createFromUrl(`${url}/agents/demo/beta/coder0/`);
  await waits(client, fleet);
  await converses(client);
  const old = { kind: "message", messageId: randomUUID(), role: "user", parts: [{ kind: "text", text: "from an old client" }] };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "message/send", params: { message: old } });
  const reply = await authorized(`${url}/agents/demo/beta/lead`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const { result } = (await reply.json()) as { result: { status: { state: string } } };
  assert.equal(result.status.state, "completed", "version 0.3");

  server.kill("SIGTERM");
  assert.equal((await server.ended).exitCode, 0);
}

async function converses(client: A2aClient): Promise<void> {
  const card = await client.getAgentCard();
  assert.deepEqual([card.name, card.capabilities?.streaming], ["demo/beta/coder0", true]);

  const task = await client.sendMessage(asking("hello"));
  assert.ok("status" in task && task.status?.state === TaskState.TASK_STATE_COMPLETED, JSON.stringify(task));
  assert.match(textOf(task.artifacts[0]?.parts), /^you said: hello/m);
  const kept = await client.getTask({ tenant: "", id: task.id });
  assert.equal(kept.status?.state, TaskState.TASK_STATE_COMPLETED);

  const seen: StreamResponse["payload"][] = [];
  for await (const { payload } of client.sendMessageStream(asking("stub:slow=400 streamed"))) seen.push(payload);
  const states = seen.flatMap((each) => (each?.$case === "statusUpdate" ? [each.value.status?.state] : []));
  assert.equal(seen[0]?.$case, "task");
  assert.deepEqual(states.slice(-2), [TaskState.TASK_STATE_WORKING, TaskState.TASK_STATE_COMPLETED]);
  assert.ok(seen.some((each) => each?.$case === "artifactUpdate" && /streamed/.test(textOf(each.value.artifact?.parts))));

  await client.sendMessage(asking("stub:draft=not sent yet"));
  const held = await client.sendMessage({ ...asking("later"), configuration: { ...CONFIGURATION, returnImmediately: true } });
  assert.ok("status" in held && held.status?.state === TaskState.TASK_STATE_SUBMITTED, JSON.stringify(held));
  const given = await client.cancelTask({ tenant: "", id: held.id, metadata: undefined });
  assert.equal(given.status?.state, TaskState.TASK_STATE_CANCELED);
  await assert.rejects(client.sendMessage(asking("more", task.id)), /one message|terminal|not supported/i);
  const empty = await client.sendMessage(asking(" "));
  assert.ok("status" in empty && empty.status?.state === TaskState.TASK_STATE_REJECTED, JSON.stringify(empty));
}

/** An agent that stops for a person is working still, and says what it waits for. */
async function waits(client: A2aClient, fleet: DemoFleet): Promise<void> {
  const texts: string[] = [];
  for await (const { payload } of client.sendMessageStream(asking("stub:waiting=permission"))) {
    if (payload?.$case !== "statusUpdate" || payload.value.status?.state !== TaskState.TASK_STATE_WORKING) continue;
    texts.push(textOf(payload.value.status.message?.parts));
    if (/^waits for a person: permission/.test(texts.at(-1) ?? ""))
      await fleet.mosaic(["agent", "send", "beta/coder0", "-m", "yes"]);
  }
  assert.ok(
    texts.some((text) => text !== ""),
    JSON.stringify(texts),
  );
}

const CONFIGURATION = { acceptedOutputModes: [], taskPushNotificationConfig: undefined, returnImmediately: false };

function asking(value: string, taskId = "") {
  const parts: Part[] = [{ content: { $case: "text", value }, metadata: undefined, filename: "", mediaType: "text/plain" }];
  const rest = { contextId: "", taskId, metadata: undefined, extensions: [], referenceTaskIds: [] };
  const message = { messageId: randomUUID(), role: Role.ROLE_USER, parts, ...rest };
  return { tenant: "", message, configuration: undefined, metadata: undefined };
}

function textOf(parts: readonly Part[] = []): string {
  return parts.map(({ content }) => (content?.$case === "text" ? content.value : "")).join("");
}

/** What must come of each command, in the order of the page. */
const EXPECTED: readonly RegExp[] = [
  /"agents":\[\{"tenantId":"demo","host":"alpha",.*"name":"lead".*"hosts":\[.*"HOST_STATE_LIVE"/,
  /"receipt":\{"messageId":"curl-1",.*"state":"DELIVERY_STATE_(ACCEPTED|ANSWERED)"/,
  /"messageId":"curl-1".*"text":"hello"/,
  /"code":"not_found".*no agent.*"type":"mosaic\.fleet\.v1\.ErrorInfo"/,
  /^ok$/m,
  /"status":"SERVING"/,
  /"role":"ROLE_AGGREGATOR"[\s\S]*grpc-status: 0/,
];

async function byCurl(fleet: DemoFleet): Promise<void> {
  const page = await readFile(join(root, "docs/clients/curl.md"), "utf8");
  const commands = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = ""]) => block.trim().split("\n"));
  assert.equal(commands.length, EXPECTED.length, commands.join("\n"));
  for (const [index, command] of commands.entries()) {
    // A page's commands are typed into a shell, pipes and all. /tmp/fleet is the folder of a reader's demo.
    const end = await runToEnd(["sh", "-c", command.replaceAll("/tmp/fleet", fleet.directory)], { env: fleet.env });
    assert.equal(end.exitCode, 0, `${command}\n${end.stderr}`);
    assert.match(end.stdout, EXPECTED[index] ?? /^$/, command);
  }
}
