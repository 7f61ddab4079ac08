/** Messages to each real agent, through a real node: none lost, none twice, none cut, and every receipt true. The published table
 *  in docs/delivery.md comes of MOSAIC_TEST_SENDS=200. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { textToType } from "@mosaic/core";
import { runtimeNamed } from "@mosaic/runtimes";
import { eventually } from "@mosaic/testkit";
import { DeliveryState, type Receipt } from "@mosaic/wire";
import { runToEnd } from "../mesh/run-program.ts";
import { publishFigures } from "../publish-figures.ts";
import { claudeHome } from "./claude-home.ts";
import { codexHome } from "./codex-home.ts";
import { findAgents } from "./install-agents.ts";
import { type ModelServer, startModelServer } from "./model/server.ts";
import { startNodeOver } from "./node-over-agent.ts";
import { opencodeHome } from "./opencode-home.ts";
import { piHome } from "./pi-home.ts";
import { type AgentHome, startRealAgent } from "./real-agent.ts";

const SENDS = Number(process.env["MOSAIC_TEST_SENDS"] ?? 20);
const HOMES: Readonly<Record<string, AgentHome>> = { claude: claudeHome, codex: codexHome, opencode: opencodeHome, pi: piHome };
const agents = await findAgents();
const options = { skip: "missing" in agents ? agents.missing : false, timeout: 1_200_000 };
const bin = "bin" in agents ? agents.bin : "";

interface Sent {
  readonly text: string;
  readonly receipt: Receipt;
}

for (const [runtime, home] of Object.entries(HOMES)) {
  test(`${runtime}: ${SENDS} messages of every kind, idle and busy`, options, async (context) => {
    const adapter = runtimeNamed(runtime);
    await using model = await startModelServer();
    await using agent = await startRealAgent({ adapter, home, bin, model });
    await agent.ready();
    await using node = await startNodeOver(agent, runtime);
    const sent: Sent[] = [];
    const send = async (text: string) => {
      const request = { messageId: `${runtime}-${crypto.randomUUID()}`, text, agent: { name: agent.name }, sourceLabel: "test" };
      const asked = { ...request, waitFor: DeliveryState.ANSWERED, waitMs: 120_000 };
      const { receipt } = await node.client.send(asked, { timeoutMs: 150_000 });
      assert.ok(receipt);
      sent.push({ text, receipt });
    };
    // Bursts of five at once; of each the first makes the agent busy for a while.
    for (let next = 0; next < SENDS; next += 5)
      await Promise.all([0, 1, 2, 3, 4].map((place) => send(textNumber(runtime, next + place))));
    judge(context, { runtime, version: await versionOf(runtime) }, sent, model);
  });
}

test("opencode: a message that comes while its first screen goes away is typed again, and received once", options, async () => {
  const adapter = runtimeNamed("opencode");
  await using model = await startModelServer();
  await using agent = await startRealAgent({ adapter, home: opencodeHome, bin, model });
  await agent.ready();
  await using node = await startNodeOver(agent, "opencode");
  await agent.type("by hand");
  // It has taken that, and shows its first screen with an empty composer for a moment more.
  await eventually("it is taken", async () => adapter.draftOn?.((await agent.screen()).lines) === undefined);
  const request = { messageId: crypto.randomUUID(), text: "from afar", agent: { name: agent.name }, sourceLabel: "test" };
  const asked = { ...request, waitFor: DeliveryState.ANSWERED, waitMs: 120_000 };
  const { receipt } = await node.client.send(asked, { timeoutMs: 150_000 });
  assert.equal(receipt?.state, DeliveryState.ANSWERED, JSON.stringify(receipt?.steps.map(({ detail }) => detail)));
  assert.equal(model.timesReceived(textToType("from afar", "opencode", "test")), 1);
});

/** The text of a message: short, of several lines, 10 KB, like a command, like a shell line, in many scripts. */
function textNumber(runtime: string, index: number): string {
  const mark = `${runtime} message ${index}.`;
  const kinds = [
    `${mark} SLOW=700`,
    `${mark} a short one`,
    `${mark}\nsecond line\n\n  fourth line, indented\nlast line of ${index}`,
    `/${mark} looks like a command`,
    `!${mark} looks like a shell line`,
    `${mark} Grüße, 你好, Привет, 👩‍💻 and ﷽`,
    `${mark} ${`ten kilobytes of ${index} `.repeat(500).slice(0, 10_000)} end of ${index}`,
  ];
  // Five and seven have no common factor, so that each kind comes to stand at each place of a burst.
  return kinds[index % kinds.length] ?? mark;
}

function judge(
  context: TestContext,
  what: { runtime: string; version: string },
  sent: readonly Sent[],
  model: ModelServer,
): void {
  const accepted: number[] = [];
  const problems: string[] = [];
  for (const { text, receipt } of sent) {
    const typed = textToType(text, what.runtime, "test");
    const times = model.timesReceived(typed);
    const isTaken = receipt.state === DeliveryState.ANSWERED || receipt.state === DeliveryState.ACCEPTED;
    if (times > 1) problems.push(`twice: ${text.slice(0, 40)}`);
    if (isTaken && times !== 1) problems.push(`claimed and received ${times} times: ${text.slice(0, 40)}`);
    if (!isTaken)
      problems.push(`${stateName(receipt)} ${receipt.held}${receipt.detail}, received ${times} times: ${text.slice(0, 40)}`);
    const tookMs = latencyMs(receipt);
    if (tookMs !== undefined) accepted.push(tookMs);
  }
  accepted.sort((a, b) => a - b);
  const at = (share: number) => accepted[Math.min(accepted.length - 1, Math.floor(share * accepted.length))];
  const typedAgain = sent.filter(({ receipt }) => receipt.attempt > 1).length;
  const figures = {
    sends: sent.length,
    accepted: accepted.length,
    typed_again: typedAgain,
    median_ms: at(0.5),
    p99_ms: at(0.99),
  };
  publishFigures(context, { ...what, ...figures, problems: problems.length });
  assert.deepEqual(problems, []);
}

/** From Enter to the agent's own word, in ms. */
function latencyMs({ steps }: Receipt): number | undefined {
  const at = (state: DeliveryState) => steps.find((step) => step.state === state)?.atUnixMs;
  const [entered, accepted] = [at(DeliveryState.ENTERED), at(DeliveryState.ACCEPTED)];
  return entered === undefined || accepted === undefined ? undefined : Number(accepted - entered);
}

function stateName({ state }: Receipt): string {
  return Object.entries(DeliveryState).find(([, value]) => value === state)?.[0] ?? String(state);
}

async function versionOf(runtime: string): Promise<string> {
  const { versionArguments = ["--version"] } = runtimeNamed(runtime);
  const env = {
    PATH: `${bin}:${process.execPath.slice(0, process.execPath.lastIndexOf("/"))}:/usr/bin:/bin`,
    HOME: "/nonexistent",
  };
  const { stdout, stderr } = await runToEnd([join(bin, runtime), ...versionArguments], { env });
  return /\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0] ?? "unknown";
}
