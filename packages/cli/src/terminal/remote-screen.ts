import type { Cursor, Screen, ScreenChange } from "@mosaic/wire";
import { colouredText } from "../output/plain-text.ts";

/** Larger than any terminal; a bound against a host that makes things up. */
const MAX_ROWS = 2000;

/** The screen of an agent as last told, made safe to draw. */
export class RemoteScreen {
  #lines: string[] = [];
  #columns = 0;
  #cursor: Cursor | undefined;

  get lines(): readonly string[] {
    return this.#lines;
  }

  get columns(): number {
    return this.#columns;
  }

  get rows(): number {
    return this.#lines.length;
  }

  get cursor(): Cursor | undefined {
    return this.#cursor;
  }

  /** Takes a whole screen. */
  replace(screen: Screen): void {
    const rows = Math.min(MAX_ROWS, Math.max(screen.rows, 1));
    this.#lines = Array.from({ length: rows }, (_, row) => colouredText(screen.lines[row] ?? ""));
    this.#columns = screen.columns;
    this.#cursor = screen.cursor;
  }

  /** Takes changed lines. Lines outside the screen are ignored. */
  change(change: ScreenChange): void {
    for (const { row, text } of change.lines) if (row < this.#lines.length) this.#lines[row] = colouredText(text);
    if (change.cursor) this.#cursor = change.cursor;
  }
}
