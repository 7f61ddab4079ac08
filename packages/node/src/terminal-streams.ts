import { create } from "@bufbuild/protobuf";
import {
  type Clock,
  MosaicError,
  newLines,
  type PaneCapture,
  screenFrame,
  type TerminalServer,
  terminalEnd,
  withoutTrailingBlanks,
} from "@mosaic/core";
import {
  type Agent,
  type AgentAddress,
  AgentAddressSchema,
  type TailRequest,
  type TailResponse,
  TailResponseSchema,
  type WatchTerminalRequest,
  type WatchTerminalResponse,
} from "@mosaic/wire";
import { OutputSignal } from "./output-signal.ts";

export interface TerminalStreamDeps {
  readonly terminal: TerminalServer;
  readonly clock: Clock;
}

const DEFAULT_TAIL_LINES = 80;
/** How often `tail --follow` looks again at most, in ms: people read slower. */
const FOLLOW_INTERVAL_MS = 100;
/** How far back `tail --follow` compares, in lines; more than that between two looks is cut. */
const FOLLOW_WINDOW_LINES = 2000;

/** Serves Tail for one pane. */
export async function* tailPane(
  deps: TerminalStreamDeps,
  agent: Agent,
  request: TailRequest,
  signal: AbortSignal,
): AsyncGenerator<TailResponse> {
  const { paneId = "", session = "" } = agent.pane ?? {};
  const wanted = request.lines || DEFAULT_TAIL_LINES;
  await using output = request.follow ? OutputSignal.watch(deps.terminal, session, signal) : undefined;
  const look = (historyLines: number) => deps.terminal.capture(paneId, { historyLines }, signal);
  let shown = await look(Math.max(wanted, output ? FOLLOW_WINDOW_LINES : 0));
  const lines = withoutTrailingBlanks(shown.lines).slice(-wanted);
  yield create(TailResponseSchema, { lines, agent: addressOf(agent), alternateScreen: shown.isAlternateScreen });
  while (output && (await output.next()) === "output") {
    const now = await unlessGone(look(FOLLOW_WINDOW_LINES));
    if (!now) return;
    const fresh = newLines(withoutTrailingBlanks(shown.lines), withoutTrailingBlanks(now.lines));
    shown = now;
    if (fresh.length > 0) yield create(TailResponseSchema, { lines: fresh, alternateScreen: now.isAlternateScreen });
    await deps.clock.sleep(FOLLOW_INTERVAL_MS, signal);
  }
}

/** Serves WatchTerminal for one pane: whole screen, then changes, at most one frame per interval. A slow reader is not
 *  queued for: it gets the screen as it is when it reads on. */
export async function* watchPane(
  deps: TerminalStreamDeps,
  agent: Agent,
  request: Pick<WatchTerminalRequest, "minIntervalMs">,
  signal: AbortSignal,
): AsyncGenerator<WatchTerminalResponse> {
  const { paneId = "", session = "" } = agent.pane ?? {};
  const intervalMs = Math.max(20, request.minIntervalMs || 50);
  const address = addressOf(agent);
  await using output = OutputSignal.watch(deps.terminal, session, signal);
  const look = () => deps.terminal.capture(paneId, { withEscapes: true }, signal);
  let before: PaneCapture | undefined;
  for (let now: PaneCapture | undefined = await look(); now; now = await unlessGone(look())) {
    const frame = screenFrame(address, before, now);
    before = now;
    if (frame) yield frame;
    await deps.clock.sleep(intervalMs, signal);
    if ((await output.next()) === "over") break;
  }
  if (!signal.aborted) yield terminalEnd(`the terminal of "${agent.name}" on ${agent.host} is gone`);
}

// A pane may end between its last output and our look at it: for who watches, that is the end and no error.
async function unlessGone(capture: Promise<PaneCapture>): Promise<PaneCapture | undefined> {
  try {
    return await capture;
  } catch (thrown) {
    if (MosaicError.from(thrown).code === "AGENT_NOT_RUNNING") return undefined;
    throw thrown;
  }
}

/** The complete address of a row. */
export function addressOf(agent: Agent): AgentAddress {
  return create(AgentAddressSchema, { tenantId: agent.tenantId, host: agent.host, name: agent.name });
}
