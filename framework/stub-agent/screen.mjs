import { fitEnd, fitStart, widthOf, wrap } from "./cells.mjs";

/** @typedef {{ title: string, transcript: readonly string[], draft: string, status: string }} View
 *  @typedef {{ columns: number, rows: number }} Size */

/** Draws views on a terminal: title, transcript, composer and status line, rewriting only the lines that changed.
 *  On the alternate screen the title stays and the composer is at the bottom. On the normal screen all of it is one flow
 *  whose oldest lines scroll into the terminal's history, as with a program that just prints.
 *  @param {(text: string) => void} write @param {boolean} isAlternate */
export function createScreen(write, isAlternate) {
  /** What the terminal shows now. @type {string[]} */
  let shown = [];
  let scrolled = 0;
  let drawnAt = "";

  /** @param {readonly string[]} lines @param {Size} size @returns {string} */
  function redraw(lines, size) {
    let output = "";
    for (let row = 0; row < size.rows; row++) {
      const line = lines[row] ?? "";
      if (shown[row] !== line) output += `\x1b[${row + 1};1H\x1b[2K${line}`;
      shown[row] = line;
    }
    return output;
  }

  /** Moves the flow up by what is new. Each window is drawn before it scrolls, so that the history gets lines of the flow and
   *  never the composer that stood in their place.
   *  @param {readonly string[]} flow @param {Size} size @returns {string} */
  function scroll(flow, size) {
    const target = Math.max(0, flow.length - size.rows);
    scrolled = Math.min(scrolled, target);
    let output = redraw(flow.slice(scrolled), size);
    while (scrolled < target) {
      const step = Math.min(target - scrolled, size.rows);
      output += `\x1b[${size.rows};1H${"\n".repeat(step)}`;
      shown = [...shown.slice(step), ...Array(step).fill("")];
      scrolled += step;
      output += redraw(flow.slice(scrolled), size);
    }
    return output;
  }

  return {
    /** @param {View | undefined} view nothing at all when undefined @param {Size} size */
    draw(view, size) {
      const isResized = drawnAt !== `${size.columns}x${size.rows}`;
      // After a resize the terminal may have moved everything, so nothing it shows is known.
      if (isResized) shown = [];
      drawnAt = `${size.columns}x${size.rows}`;
      if (view === undefined) return write(`${redraw([], size)}\x1b[H`);
      const flow = flowOf(view, size, isAlternate);
      if (isResized) scrolled = Math.max(0, flow.length - size.rows);
      const drawn = isAlternate ? redraw(flow, size) : scroll(flow, size);
      const row = Math.max(1, flow.length - scrolled - 1);
      const column = Math.min(size.columns, widthOf(flow[flow.length - 2] ?? "") + 1);
      // Without automatic wrapping a line whose width was misjudged is cut, not spilled into the next one.
      write(`\x1b[?7l${drawn}\x1b[?7h\x1b[${row};${column}H`);
    },
  };
}

/** @param {View} view @param {Size} size @param {boolean} isAlternate @returns {string[]} lines, the last two of them
 *  composer and status */
function flowOf(view, { columns, rows }, isAlternate) {
  const transcript = view.transcript.flatMap((line) => wrap(line, columns));
  const title = fitStart(view.title, columns);
  const composer = `> ${fitEnd(view.draft, Math.max(1, columns - 3))}`;
  const status = fitStart(view.status, columns);
  if (!isAlternate) return [title, ...transcript, "", composer, status];
  const space = Math.max(0, rows - 3);
  const visible = space === 0 ? [] : transcript.slice(-space);
  const body = [title, ...visible, ...Array(Math.max(0, space - visible.length)).fill("")];
  return [...body, composer, status].slice(-rows);
}
