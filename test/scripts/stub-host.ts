import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { eventually } from "@mosaic/testkit";
import { realHost } from "./real-host.ts";

/** Systemd waits longer before each try, and the machine is small. */
export const PATIENCE_MS = 40_000;

/** A host with one stub agent, `lead`, and what a person and its node would do there. No node runs. */
export async function stubHost(context: TestContext, options: { readonly hasSystemd: boolean }) {
  const host = await realHost(context, options);
  await host.writeRoster([
    '{ name: "lead", runtime: stub, model_hint: "slow=0" }',
    '{ name: "spare", runtime: stub, lifecycle: ephemeral, class: helper }',
  ]);
  const run = join(host.mosaicHome, "fleet/run");
  const sessionFile = join(run, "lead.session");
  const screen = (session = "lead") => host.tmux("capture-pane", "-p", "-t", `=${session}:`);
  const pid = () => host.tmux("display-message", "-p", "-t", "=lead:", "#{?pane_dead,,#{pane_pid}}");
  const until = (pattern: RegExp, session?: string) =>
    eventually(`the screen shows ${pattern}`, () => pattern.test(screen(session)), PATIENCE_MS).catch((error) => {
      throw new Error(`${error.message}\n${screen(session)}`);
    });
  return {
    ...{ host, screen, pid, until, sessionFile, failedFile: `${sessionFile}.failed` },
    async say(text: string) {
      host.tmux("send-keys", "-t", "=lead:", "-l", text);
      await until(new RegExp(`^> ${text}`, "m"));
      host.tmux("send-keys", "-t", "=lead:", "Enter");
      await until(new RegExp(`^you said: ${text}`, "m"));
    },
    /** Kills the agent's process; resolves when it is dead. */
    async kill() {
      const before = pid();
      process.kill(Number(before), "SIGKILL");
      await eventually("it is dead", () => pid() !== before, PATIENCE_MS);
      return before;
    },
    /** Waits until another process than that one runs. */
    isBack: (before: string) => eventually("it runs again", () => !["", before].includes(pid()), PATIENCE_MS),
    /** Ids of all conversations that were ever begun. */
    conversations: async () =>
      (await readdir(join(host.mosaicHome, "stub-agent"))).map((name) => name.replace(".jsonl", "")).sort(),
    /** Writes an id down, as a node does when an agent tells it. */
    async note(id: string, name = "lead") {
      await mkdir(run, { recursive: true });
      await writeFile(join(run, `${name}.session`), `${id}\n`);
    },
  };
}
