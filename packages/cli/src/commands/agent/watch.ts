import { EXIT_CODES, formatAddress, MosaicError, parseAddress } from "@mosaic/core/light";
import type { Screen, WatchTerminalResponse } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { plainText } from "../../output/plain-text.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { placesFor } from "../../remote/endpoints.ts";
import { withStream } from "../../remote/open-stream.ts";
import { drawScreen } from "../../terminal/draw-screen.ts";
import { RemoteScreen } from "../../terminal/remote-screen.ts";
import { openScreen, type ScreenEnd } from "../../terminal/screen-session.ts";

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
  const remote = new RemoteScreen();
  let status = "";
  let isOver = false;
  const draw = () => {
    if (!isOver) io.stdout.write(drawScreen(remote, status, { columns: io.stdout.columns ?? 80, rows: io.stdout.rows ?? 24 }));
  };
  using session = openScreen(io);
  using stack = new DisposableStack();
  stack.use(io.stdout.onResize(draw));
  // A frame may still be on its way when the terminal is given back.
  stack.defer(() => {
    isOver = true;
  });
  const pump = async (): Promise<WatchEnd> => {
    for (let next = first; !next.done; next = await frames.next()) {
      const { frame } = next.value;
      if (frame.case === "end") return { kind: "terminal-gone", reason: frame.value.reason };
      if (frame.case === "screen") status = statusOf(frame.value);
      if (frame.case === "screen") remote.replace(frame.value);
      if (frame.case === "change") remote.change(frame.value);
      draw();
      // Drawing no faster than the terminal takes it lets the server merge what happens meanwhile.
      await io.stdout.flushed();
    }
    return { kind: "terminal-gone", reason: "the server ended the stream" };
  };
  return await Promise.race([pump(), session.ended.then((kind): WatchEnd => ({ kind }))]);
}

function statusOf(screen: Screen): string {
  const name = screen.agent ? formatAddress(screen.agent) : "";
  return plainText(` WATCHING ${name} · ${screen.columns}x${screen.rows} · read-only · q quits`);
}
