import { EXIT_CODES, MosaicError, nearNames, ROSTER_RUNTIMES } from "@mosaic/core";
import { type RuntimeAdapter, runtimeNamed } from "@mosaic/runtimes";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { applyHooks, type HookWish } from "../../hooks/apply-hooks.ts";
import { type HookItem, type HooksHeard, isAmiss } from "../../hooks/hook-item.ts";
import { hooksHeard, hostAgents } from "../../hooks/hooks-heard.ts";
import type { Io } from "../../io/io.ts";
import { type HostHookSite, openHookSite } from "../../local/hook-site.ts";
import { openAudit } from "../../local/open-audit.ts";
import { hooksText } from "../../output/hooks-text.ts";

/** What `agent install-hooks --json` prints. The names of its fields are a contract; see install-hooks.test.ts. */
export interface InstallHooksAnswer {
  readonly schema: "mosaic.agent.hooks/1";
  readonly complete: true;
  readonly action: HookWish["action"];
  readonly dry_run: boolean;
  /** True when nothing is amiss. */
  readonly ready: boolean;
  readonly items: readonly HookItem[];
}

/** Puts the hooks of runtimes in place, takes them away, or checks them. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const { flags, globals } = invocation;
  const action = actionOf(invocation);
  const isDryRun = flags.boolean("dry-run");
  const site = await openHookSite(globals, io);
  const adapters = adaptersOf(invocation.args, site);
  const agents = action === "check" ? await hostAgents(globals, deps) : undefined;
  const record: HookWish["record"] = async (runtime, paths) => {
    const { audit, who } = await openAudit(globals, io);
    await audit.record({ action: `hooks.${action}`, ...who, facts: { runtime, files: paths.join(" ") } });
  };
  const items: HookItem[] = [];
  for (const adapter of adapters) {
    const item = await applyHooks(adapter, site, { action, isDryRun, record });
    items.push(agents === undefined ? item : withHeard(item, hooksHeard(adapter.name, agents)));
  }
  const ready = !items.some(isAmiss);
  const answer: InstallHooksAnswer = {
    schema: "mosaic.agent.hooks/1",
    complete: true,
    action,
    dry_run: isDryRun,
    ready,
    items,
  };
  const isUnheard = action === "check" && agents === undefined;
  return {
    exitCode: ready ? EXIT_CODES.ok : EXIT_CODES.failed,
    envelope: answer,
    text: (view) => hooksText(items, { isDryRun }, view),
    notes: isUnheard ? ["mosaic: no node answers on this host, so whether the hooks fire can't be told"] : [],
  };
}

// Runtimes read their hooks at their start, so that is what those that were never heard need first.
function withHeard(item: HookItem, heard: HooksHeard): HookItem {
  const restart = heard.hookless.length === 0 ? "" : `mosaic fleet restart ${heard.hookless.join(" ")}`;
  return { ...item, heard, next: item.next || restart };
}

function actionOf({ flags }: Invocation): HookWish["action"] {
  const [remove, check] = [flags.boolean("remove"), flags.boolean("check")];
  if (check && (remove || flags.boolean("dry-run")))
    throw new MosaicError("USAGE", "--check changes nothing by itself", { hint: "leave --remove and --dry-run out" });
  return remove ? "remove" : check ? "check" : "install";
}

function adaptersOf(names: readonly string[], { roster }: HostHookSite): readonly RuntimeAdapter[] {
  const wanted = names.length > 0 ? names : (roster?.agents ?? []).map((agent) => agent.runtime);
  if (wanted.length === 0)
    throw new MosaicError("USAGE", "name a runtime: there is no roster whose runtimes could be meant", {
      hint: "mosaic agent install-hooks claude",
    });
  return [...new Set(wanted)].map(adapterNamed);
}

function adapterNamed(name: string): RuntimeAdapter {
  const names: readonly string[] = ROSTER_RUNTIMES;
  if (names.includes(name)) return runtimeNamed(name);
  const near = nearNames(name, names);
  throw new MosaicError("USAGE", `there is no runtime ${JSON.stringify(name.slice(0, 80))}`, {
    hint: near.length > 0 ? `did you mean ${near.join(", ")}?` : `choose from ${names.join(", ")}`,
  });
}
