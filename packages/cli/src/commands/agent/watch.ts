import { EXIT_CODES, formatAddress, MosaicError, parseAddress } from "@mosaic/core/light";
import type { Screen, WatchTerminalResponse } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { plainText } from "../../output/plain-text.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { placesFor } from "../../remote/endpoints.ts";
import { withStream } from "../../remote/open-stream.ts";
import { openScreen, type ScreenEnd } from "../../terminal/screen-session.ts";
import { ScreenView } from "../../terminal/screen-view.ts";

/** How a look at a terminal ended. */
type WatchEnd = { readonly kind: ScreenEnd } | { readonly kind: "terminal-gone"; readonly reason: string };

/** Shows an agent's live screen. Nothing that is pressed here can reach the agent: the call has no way back. */
export async function run({ args, flags, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const agent = parseAddress(args[0] ?? "");
  if (globals.isJson)
    throw new MosaicError("USAGE", "agent watch draws a screen; it has no JSON", { hint: "use mosaic agent tail --json" });
  if (!io.stdout.isTerminal || io.env["TERM"] === "dumb") {
    const hint = `use mosaic agent tail ${formatAddress(agent)} --follow`;
    throw new MosaicError("USAGE", "agent watch needs a terminal to draw on", { hint });
  }
  const places = placesFor(flags.boolean("all-hosts") ? "all-hosts" : "anywhere", globals);
  const end = await withStream(places, deps, globals.timeoutMs ?? DEFAULT_TIMEOUT_MS, {
    name: `watch of ${formatAddress(agent)}`,
    signal: io.signal,
    work: async (client, signal) => {
      const frames = client.watchTerminal({ agent }, { signal })[Symbol.asyncIterator]();
      // The first frame is awaited before the screen is taken, so that a refusal is printed where it can be read.
      const first = await frames.next();
      return await showFrames(first, frames, io);
    },
  });
  if (end.kind === "terminal-gone") return { exitCode: EXIT_CODES.ok, notes: [`mosaic: the terminal is gone: ${end.reason}`] };
  return { exitCode: end.kind === "quit" ? EXIT_CODES.ok : EXIT_CODES.interrupted };
}

type Frames = AsyncIterator<WatchTerminalResponse>;

async function showFrames(first: IteratorResult<WatchTerminalResponse>, frames: Frames, io: Io): Promise<WatchEnd> {
  using session = openScreen(io);
  using view = new ScreenView(io, statusOf);
  const pump = async (): Promise<WatchEnd> => {
    for (let next = first; !next.done; next = await frames.next()) {
      const { frame } = next.value;
      if (frame.case === "end") return { kind: "terminal-gone", reason: frame.value.reason };
      if (frame.case === "screen" || frame.case === "change") await view.show(frame);
    }
    return { kind: "terminal-gone", reason: "the server ended the stream" };
  };
  return await Promise.race([pump(), session.ended.then((kind): WatchEnd => ({ kind }))]);
}

function statusOf(screen: Screen): string {
  const name = screen.agent ? formatAddress(screen.agent) : "";
  return plainText(` WATCHING ${name} · ${screen.columns}x${screen.rows} · read-only · q quits`);
}
