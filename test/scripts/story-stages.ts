import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cleanEnvironment, type DemoFleet, MOSAIC, startDemoFleet } from "../mesh/demo-fleet.ts";
import { runToEnd } from "../mesh/run-program.ts";
import type { StoryFleet } from "./story.ts";
import type { StoryStage } from "./story-runner.ts";

/** The stages that stories are played on: one for all that need no fleet, one demo fleet per size, each made when first
 *  asked for. Disposing ends them. */
export class StoryStages implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #stages = new Map<string, Promise<StoryStage>>();

  get(fleet: StoryFleet): Promise<StoryStage> {
    const key = JSON.stringify(fleet);
    const stage = this.#stages.get(key) ?? (fleet.kind === "none" ? this.#bare() : this.#demo(fleet));
    this.#stages.set(key, stage);
    return stage;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#stages.values());
    await this.#stack.disposeAsync();
  }

  async #bare(): Promise<StoryStage> {
    const folder = await mkdtemp(join(tmpdir(), "mosaic-story-"));
    this.#stack.defer(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, "home"));
    const env = cleanEnvironment(folder);
    return {
      mosaic: (args) => runToEnd([...MOSAIC, ...args], { env, cwd: folder }),
      values: { folder, home: join(folder, "home") },
    };
  }

  async #demo({ hosts, agents }: Extract<StoryFleet, { kind: "demo" }>): Promise<StoryStage> {
    const fleet = this.#stack.use(await startDemoFleet({ hosts, agents }));
    return { mosaic: (args) => fleet.mosaic(args, { cwd: fleet.folder }), values: valuesOf(fleet) };
  }
}

// {dir} is the demo's folder; {alpha} and so on are the endpoints of the nodes, {alpha_home} their homes.
function valuesOf(fleet: DemoFleet): Record<string, string> {
  const nodes = fleet.daemons.flatMap(({ host, endpoint, home }) => [
    [host, endpoint],
    [`${host}_home`, home],
  ]);
  return { dir: fleet.directory, folder: fleet.folder, home: join(fleet.folder, "home"), ...Object.fromEntries(nodes) };
}
