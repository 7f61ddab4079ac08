import { EXIT_CODES, formatAddress, MosaicError, type PartialAddress, parseAddress } from "@mosaic/core/light";
import type { FleetClient } from "@mosaic/rpc";
import type { Attached, AttachTerminalResponse, Screen } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { plainText } from "../../output/plain-text.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { placesFor } from "../../remote/endpoints.ts";
import { withStream } from "../../remote/open-stream.ts";
import { DetachableKeys, type KeysEnd } from "../../terminal/detachable-keys.ts";
import { takeScreen } from "../../terminal/screen-session.ts";
import { ScreenView } from "../../terminal/screen-view.ts";
import { needingNode } from "./needs-node.ts";

/** How a takeover ended. */
type AttachEnd = { readonly kind: KeysEnd } | { readonly kind: "terminal-gone"; readonly reason: string };

/** Takes an agent's terminal over: shows its screen, and passes on every key but the one that leaves. */
export async function run({ args, flags, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const agent = parseAddress(args[0] ?? "");
  assertInteractive(agent, globals.isJson, io);
  const places = placesFor(flags.boolean("all-hosts") ? "all-hosts" : "anywhere", globals);
  const open = { agent, sourceLabel: flags.text("source-label") ?? `${io.hostName()}:operator` };
  const { end, name } = await needingNode("agent attach", places, () =>
    withStream(places, deps, globals.timeoutMs ?? DEFAULT_TIMEOUT_MS, {
      name: `attach to ${formatAddress(agent)}`,
      signal: io.signal,
      work: (client, signal) => takeOver(client, open, io, signal),
    }),
  );
  if (end.kind === "overrun") {
    const hint = "send a long text with mosaic agent send --file";
    throw new MosaicError("BUSY", `${name} takes keys slower than they were typed: not all of them were passed on`, { hint });
  }
  const gone = end.kind === "terminal-gone";
  return {
    exitCode: EXIT_CODES.ok,
    notes: [gone ? `mosaic: the terminal is gone: ${end.reason}` : `mosaic: left ${name}, which goes on`],
  };
}

function assertInteractive(agent: PartialAddress, isJson: boolean, io: Io): void {
  const name = formatAddress(agent);
  if (isJson)
    throw new MosaicError("USAGE", "agent attach is for a person at a terminal; it has no JSON", { hint: sendHint(name) });
  if (io.stdin.isTerminal && io.stdout.isTerminal && io.env["TERM"] !== "dumb") return;
  throw new MosaicError("USAGE", "agent attach needs a terminal to type in and to draw on", { hint: sendHint(name) });
}

function sendHint(name: string): string {
  return `use mosaic agent send ${name} --message "…"`;
}

type Frames = AsyncIterator<AttachTerminalResponse>;
type Open = { readonly agent: PartialAddress; readonly sourceLabel: string };

async function takeOver(
  client: FleetClient,
  open: Open,
  io: Io,
  signal: AbortSignal,
): Promise<{ readonly end: AttachEnd; readonly name: string }> {
  const keys = new DetachableKeys(io);
  try {
    const frames = client.attachTerminal(stepsOf(open, keys), { signal })[Symbol.asyncIterator]();
    // The answer is awaited before the screen is taken, so that a refusal is printed where it can be read.
    const first = await frames.next();
    const attached = !first.done && first.value.frame.case === "attached" ? first.value.frame.value : undefined;
    if (!attached) throw new MosaicError("INTERNAL", "the server did not say that the terminal is taken over");
    const name = formatAddress(attached.agent ?? open.agent);
    return { end: await typeAndShow(attached, frames, keys, io), name };
  } finally {
    keys.end();
  }
}

async function* stepsOf(open: Open, keys: DetachableKeys) {
  yield { step: { case: "open", value: open } } as const;
  for await (const data of keys) yield { step: { case: "input", value: { data } } } as const;
}

async function typeAndShow(attached: Attached, frames: Frames, keys: DetachableKeys, io: Io): Promise<AttachEnd> {
  const { end, shown } = await onScreen(attached, frames, keys, io);
  if (end.kind !== "detached") return end;
  // What was typed last is on its way, and leaving is put on record; a server that hangs is not waited for.
  const giveUp = new AbortController();
  await Promise.race([shown.catch(() => {}), io.clock.sleep(LEAVE_MS, AbortSignal.any([giveUp.signal, io.signal]))]);
  giveUp.abort();
  return end;
}

/** How long leaving may take, in ms. */
const LEAVE_MS = 2000;

async function onScreen(attached: Attached, frames: Frames, keys: DetachableKeys, io: Io) {
  using _screen = takeScreen(io);
  using view = new ScreenView(io, (screen) => statusOf(screen, attached));
  using _keys = keys.open();
  const shown = showAll(frames, view);
  const end: AttachEnd = await Promise.race([shown, keys.ended.then((kind) => ({ kind }))]);
  return { end, shown };
}

async function showAll(frames: Frames, view: ScreenView): Promise<AttachEnd> {
  for (let next = await frames.next(); !next.done; next = await frames.next()) {
    const { frame } = next.value;
    if (frame.case === "end") return { kind: "terminal-gone", reason: frame.value.reason };
    if (frame.case === "screen" || frame.case === "change") await view.show(frame);
  }
  return { kind: "terminal-gone", reason: "the server ended the stream" };
}

// What matters most comes first: a narrow terminal cuts the rest.
function statusOf(screen: Screen, { agent, others }: Attached): string {
  const name = agent ? formatAddress(agent) : "the agent";
  const company = others.length > 0 ? ` · also attached: ${others.join(", ")}` : "";
  return plainText(` ATTACHED: your keys go to ${name} · Ctrl-] leaves · ${screen.columns}x${screen.rows}${company}`);
}
