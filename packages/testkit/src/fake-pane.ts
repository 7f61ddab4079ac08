import type { CaptureOptions, PaneCapture, PaneFacts } from "@mosaic/core";

export interface FakePaneOptions {
  readonly paneId: string;
  readonly pid: number;
  readonly session: string;
  readonly command: string;
  readonly columns: number;
  readonly rows: number;
}

/** One pane in memory: lines that scroll, a composer below them that takes pastes, and a process that may die. */
export class FakePane {
  readonly paneId: string;
  readonly session: string;
  readonly pid: number;
  command: string;
  columns: number;
  rows: number;
  isDead = false;
  exitStatus: number | undefined;
  isAlternateScreen = false;
  lastActivityUnixMs = 0;
  /** Every line printed, oldest first. */
  lines: string[] = [];
  /** What was pasted and not submitted yet. */
  composer = "";

  constructor(options: FakePaneOptions) {
    this.paneId = options.paneId;
    this.session = options.session;
    this.pid = options.pid;
    this.command = options.command;
    this.columns = options.columns;
    this.rows = options.rows;
  }

  facts(): PaneFacts {
    const { session, paneId, pid, command, isDead, exitStatus, columns, rows, isAlternateScreen, lastActivityUnixMs } = this;
    return { session, paneId, pid, command, isDead, exitStatus, columns, rows, isAlternateScreen, lastActivityUnixMs };
  }

  /** As tmux does it: text from the top down, blank lines below, history above only where there is any. */
  capture({ historyLines = 0, withEscapes = false }: CaptureOptions): PaneCapture {
    const written = [...this.lines, ...(this.composer === "" ? [] : `> ${this.composer}`.split("\n"))];
    const screen = written.slice(-this.rows);
    const history = this.isAlternateScreen || historyLines === 0 ? [] : written.slice(0, -this.rows).slice(-historyLines);
    const lines = [...history, ...screen, ...Array<string>(this.rows - screen.length).fill("")];
    return {
      lines: withEscapes ? lines : lines.map(withoutEscapes),
      columns: this.columns,
      rows: this.rows,
      cursorColumn: Math.min(this.columns - 1, withoutEscapes(screen.at(-1) ?? "").length),
      cursorRow: Math.max(0, screen.length - 1),
      isCursorVisible: true,
      isAlternateScreen: this.isAlternateScreen,
    };
  }
}

function withoutEscapes(line: string): string {
  return line.replace(/\x1b\[[0-9;]*m/g, "");
}
