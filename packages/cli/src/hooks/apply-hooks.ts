import { MosaicError } from "@mosaic/core";
import type { HookKit, RuntimeAdapter } from "@mosaic/runtimes";
import { type HookChange, planHookFile } from "../local/hook-files.ts";
import { foundFile, type HostHookSite, sampleAgent } from "../local/hook-site.ts";
import type { HookItem, HookOutcome } from "./hook-item.ts";
import { checkLaunchHooks } from "./launch-hooks.ts";

/** What is to be done about hooks. `check` and a dry run change nothing. */
export interface HookWish {
  readonly action: "install" | "remove" | "check";
  readonly isDryRun: boolean;
  /** Puts a change on record before it is made. */
  readonly record: (runtime: string, paths: readonly string[]) => Promise<void>;
}

/** Does it for one runtime. What can't be changed safely is left alone and told as `refused`.
 *  @throws MosaicError MACHINE, ROSTER_INVALID when the runtime's launch line can't be made */
export async function applyHooks(runtime: RuntimeAdapter, site: HostHookSite, wish: HookWish): Promise<HookItem> {
  const launch = launchItem(runtime, site, wish);
  // A line that lacks its files is worth telling, whatever else there is.
  if (runtime.hooks === undefined || launch.outcome === "missing") return launch;
  try {
    return await fileItem(runtime.name, runtime.hooks, site, wish);
  } catch (thrown) {
    const { code, message, hint = "" } = MosaicError.from(thrown);
    if (code !== "HOOKS_REFUSED") throw thrown;
    return itemOf(runtime.name, "files", "refused", { detail: message, next: hint });
  }
}

async function fileItem(runtime: string, kit: HookKit, site: HostHookSite, wish: HookWish): Promise<HookItem> {
  const changes: HookChange[] = [];
  for (const file of kit.files(site)) changes.push(await planHookFile(file, wish.action === "remove" ? "remove" : "install"));
  const due = changes.filter(({ change }) => change !== "keep");
  const isDone = wish.action !== "check" && !wish.isDryRun;
  if (isDone && due.length > 0) {
    await wish.record(
      runtime,
      due.map(({ path }) => path),
    );
    for (const change of due) await change.apply();
  }
  return itemOf(runtime, "files", outcomeOf(wish.action, due.length > 0), {
    files: changes.map(({ change, path }) => ({ change, path })),
    checked: changes.filter(({ change }) => change === "keep").map(({ path }) => path),
    ...(wish.action === "check" && due.length > 0
      ? { detail: "its hooks are not in place", next: `mosaic agent install-hooks ${runtime}` }
      : {}),
  });
}

function outcomeOf(action: HookWish["action"], isDue: boolean): HookOutcome {
  if (action === "remove") return isDue ? "removed" : "nothing to do";
  if (!isDue) return "in place";
  return action === "check" ? "missing" : "installed";
}

function launchItem(runtime: RuntimeAdapter, site: HostHookSite, { action }: HookWish): HookItem {
  const { name, reportsItself, hear } = runtime;
  const { frameworkDirectory } = site.context;
  const launch = runtime.launch(sampleAgent(name, site.roster), site.context);
  const { shipped } = site;
  const { isNamed, sound, faults } = checkLaunchHooks({ runtime: name, launch, frameworkDirectory, shipped, find: foundFile });
  const way = reportsItself ? "self" : isNamed && hear !== undefined ? "launch-line" : "none";
  const checked = sound;
  if (faults.length > 0) return itemOf(name, way, "missing", { checked, detail: faults.join("; "), next: remedyOf(site) });
  const detail = DETAILS[way];
  if (way !== "launch-line") return itemOf(name, way, "nothing to do", { checked, detail });
  if (action !== "remove") return itemOf(name, way, "in place", { checked, detail });
  return itemOf(name, way, "nothing to do", {
    detail: "nothing is installed: its hooks are named by each agent's launch line, and end with it",
  });
}

// Without a copy on the host it is this program's own installation that is broken.
function remedyOf({ isCopied }: HostHookSite): string {
  return isCopied ? "mosaic fleet install-systemd" : "npm install --global mosaic-fleet";
}

function itemOf(runtime: string, way: HookItem["way"], outcome: HookOutcome, more: Partial<HookItem>): HookItem {
  return { runtime, way, outcome, files: [], checked: [], heard: null, detail: "", next: "", ...more };
}

const DETAILS = {
  "launch-line": "named by each agent's launch line; no file of yours is touched",
  self: "it reports by itself",
  none: "nothing of it reports: its heartbeat says that it lives",
} as const;
