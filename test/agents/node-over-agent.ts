import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectFleet, type FleetConnection, parseEndpoint } from "@mosaic/rpc";
import { eventually } from "@mosaic/testkit";
import { cleanEnvironment } from "../mesh/demo-fleet.ts";
import { startProgram } from "../mesh/run-program.ts";
import type { RealAgent } from "./real-agent.ts";

const NODE = join(import.meta.dirname, "../../packages/node/bin/mosaic-node.mjs");

/** A real node over one real agent that runs already. Disposing ends the node only. */
export interface NodeOverAgent extends AsyncDisposable {
  readonly client: FleetConnection["client"];
}

/** Starts the node and waits until it sees the agent alive. */
export async function startNodeOver(agent: RealAgent, runtime: string): Promise<NodeOverAgent> {
  const stack = new AsyncDisposableStack();
  const head = `version: 1\ntransport: tmux\ntenant: team-a\nhost: alpha\ntmux:\n  socket_name: ${agent.socketName}\n  holder_session: _holder\n`;
  await mkdir(join(agent.mosaicHome, "fleet"), { recursive: true });
  await writeFile(
    join(agent.mosaicHome, "fleet/roster.yaml"),
    `${head}agents:\n  - name: ${agent.name}\n    runtime: ${runtime}\n    class: worker\n    working_directory: ${agent.workingDirectory}\n`,
  );
  const env = { ...cleanEnvironment(agent.homeFolder), MOSAIC_HOME: agent.mosaicHome };
  const node = stack.use(startProgram([process.execPath, NODE, "--log-level", "debug"], { env }));
  await eventually("the node serves", async () => {
    const record = await readFile(join(agent.mosaicHome, "fleet/run/node.json"), "utf8").catch(() => "{}");
    return (JSON.parse(record) as { pid?: number }).pid === node.pid;
  }).catch((thrown: unknown) => {
    throw new Error(`${thrown}\n${node.stderr()}`);
  });
  const { client } = stack.use(connectFleet(parseEndpoint(`unix:${join(agent.mosaicHome, "fleet/run/node.sock")}`)));
  await eventually("the node sees the agent", async () => {
    const { agents } = await client.list({});
    return agents.some(({ name, pane }) => name === agent.name && pane?.alive);
  });
  return { client, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
