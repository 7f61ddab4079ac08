import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "@mosaic/testkit";
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

/** Answers a dialog as a person does, with a key. One that has just opened may take none yet: then it is pressed again. */
export async function answersDialog(agent: Pick<RealAgent, "press">, key: string, isOpen: () => Promise<boolean>): Promise<void> {
  await eventually(`${key} ends the dialog`, async () => {
    if (!(await isOpen())) return true;
    await agent.press(key);
    const gone = eventually("gone", async () => !(await isOpen()), 1_000);
    return await gone.catch(() => false);
  });
}
