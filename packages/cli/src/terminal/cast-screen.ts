import type { CastEvent, CastReader } from "@mosaic/core/recordings";
import { screenText } from "../output/plain-text.ts";
import { createPlayableFilter } from "./playable-text.ts";

/** What a recorded terminal shows at some moment. */
export interface CastScreen {
  /** The moment, in ms from the beginning: that of the last event that counts. */
  readonly atMs: number;
  /** Of the whole recording. */
  readonly durationMs: number;
  readonly columns: number;
  readonly rows: number;
  readonly isAlternateScreen: boolean;
  /** What had scrolled away and the screen, oldest first, without blank lines at the end. Plain text. */
  readonly lines: readonly string[];
}

/** Lines that are kept above the screen. */
const SCROLLBACK_LINES = 10_000;
/** Text handed over at once: the emulator drops what it can't keep up with, and so is waited for. */
const BATCH_LENGTH = 65_536;

/** Runs a recording through a terminal emulator.
 *  @param untilMs the moment to stop at; absent: the end */
export async function renderCast(cast: CastReader, untilMs = Number.POSITIVE_INFINITY): Promise<CastScreen> {
  const { columns: cols, rows } = cast.header;
  const { Terminal } = await loadEmulator();
  const terminal = new Terminal({ cols, rows, scrollback: SCROLLBACK_LINES, allowProposedApi: true });
  const filter = createPlayableFilter();
  let pending = "";
  const flush = () => {
    const text = pending;
    pending = "";
    return new Promise<void>((resolve) => terminal.write(text, resolve));
  };
  const take = async (event: CastEvent) => {
    if (event.kind === "output") pending += filter.push(event.text);
    if (event.kind === "resized" || pending.length > BATCH_LENGTH) await flush();
    if (event.kind === "resized") terminal.resize(event.columns, event.rows);
  };
  let [atMs, durationMs] = [0, 0];
  try {
    for await (const event of cast.events) {
      durationMs = event.atMs;
      if (event.atMs > untilMs) continue;
      atMs = event.atMs;
      await take(event);
    }
    await flush();
    const isAlternateScreen = terminal.buffer.active.type === "alternate";
    return {
      atMs,
      durationMs,
      columns: terminal.cols,
      rows: terminal.rows,
      isAlternateScreen,
      lines: linesOf(terminal.buffer.active),
    };
  } finally {
    terminal.dispose();
  }
}

type Emulator = typeof import("@xterm/headless");
type Buffer = InstanceType<Emulator["Terminal"]>["buffer"]["active"];

// It is CommonJS and says otherwise: Node finds its names in `default`, a bundler may find them beside.
async function loadEmulator(): Promise<Emulator> {
  const loaded: Emulator & { readonly default?: Emulator } = await import("@xterm/headless");
  return loaded.default ?? loaded;
}

// A line that was wrapped only for the terminal's width is one line again.
function linesOf(buffer: Buffer): string[] {
  const lines: string[] = [];
  for (let row = 0; row < buffer.length; row++) {
    const line = buffer.getLine(row);
    const isContinued = buffer.getLine(row + 1)?.isWrapped ?? false;
    const text = line?.translateToString(!isContinued) ?? "";
    if (line?.isWrapped && lines.length > 0) lines.push((lines.pop() ?? "") + text);
    else lines.push(text);
  }
  const plain = lines.map((line) => screenText(line).trimEnd());
  return plain.slice(0, plain.findLastIndex((line) => line !== "") + 1);
}
