import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RealAgent } from "./real-agent.ts";

/** Answers a request for leave as the node does: with a file that the agent's hook waits for. */
export async function decide(
  agent: Pick<RealAgent, "mosaicHome" | "name">,
  requestId: string,
  answer: { readonly decision: "allow" | "deny"; readonly comment: string },
): Promise<void> {
  const folder = join(agent.mosaicHome, "fleet/run/answers", agent.name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${requestId}.json`), JSON.stringify(answer));
}
