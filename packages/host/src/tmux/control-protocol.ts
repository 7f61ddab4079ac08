/** What a tmux server tells a control-mode client. */
export type ControlEvent =
  | {
      readonly kind: "reply";
      /** False for an `%error` block; its lines are then the message. */
      readonly isOk: boolean;
      /** True when the block answers a line that this client sent, false for the command it was started with. */
      readonly isOurs: boolean;
      readonly lines: readonly string[];
      /** True when the block was larger than the limit; the lines beyond it are missing. */
      readonly isCut: boolean;
    }
  | { readonly kind: "notification"; readonly name: string; readonly rest: string };

/** Reads the line protocol of `tmux -C`: one `%begin` … `%end` or `%error` block per command, in the order in which commands
 *  were sent, and notifications between blocks. Takes chunks cut anywhere. Memory is bounded: a block beyond
 *  `maxBlockBytes` is cut, and of a notification only the first 1,024 bytes are kept. `%output` is therefore a signal here
 *  and its octal escapes stay as they are: what a pane shows is asked for with `capture-pane`. */
export class ControlParser {
  readonly #maxBlockBytes: number;
  readonly #onEvent: (event: ControlEvent) => void;
  #line: Buffer[] = [];
  #lineBytes = 0;
  #block: Block | undefined;

  constructor(maxBlockBytes: number, onEvent: (event: ControlEvent) => void) {
    this.#maxBlockBytes = maxBlockBytes;
    this.#onEvent = onEvent;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      this.#endLine();
      start = end + 1;
    }
    // A copy, because the stream may use its buffer again.
    if (start < chunk.length) this.#keep(Buffer.from(chunk.subarray(start)));
  }

  #keep(part: Buffer): void {
    const limit = this.#block === undefined ? MAX_NOTIFICATION_BYTES : this.#maxBlockBytes;
    const kept = part.subarray(0, Math.max(0, limit - this.#lineBytes));
    if (kept.length < part.length && this.#block !== undefined) this.#block.isCut = true;
    if (kept.length === 0) return;
    this.#line.push(kept);
    this.#lineBytes += kept.length;
  }

  #endLine(): void {
    const line = Buffer.concat(this.#line).toString("utf8");
    this.#line = [];
    this.#lineBytes = 0;
    if (this.#block !== undefined) this.#endLineOf(this.#block, line);
    else if (line.startsWith("%begin ")) this.#block = openBlock(line);
    else if (line.startsWith("%")) this.#onEvent(parseNotification(line));
    // Anything else, such as the escape sequence of `-CC`, is not for us.
  }

  #endLineOf(block: Block, line: string): void {
    const isOk = line === `%end${block.guard}`;
    // A pane may show lines that look like guards, so that only this block's own time and number end it.
    if (!isOk && line !== `%error${block.guard}`) return block.add(line, this.#maxBlockBytes);
    this.#block = undefined;
    this.#onEvent({ kind: "reply", isOk, isOurs: block.isOurs, lines: block.lines, isCut: block.isCut });
  }
}

const NEWLINE = 0x0a;
/** Names and ids fit many times over; a subscription's value, of which only the arrival counts, need not. */
const MAX_NOTIFICATION_BYTES = 1_024;

interface Block {
  /** ` <time> <number> <flags>`, the same after `%begin` and after its end. */
  readonly guard: string;
  readonly isOurs: boolean;
  readonly lines: string[];
  isCut: boolean;
  add(line: string, maxBytes: number): void;
}

function openBlock(line: string): Block {
  const guard = line.slice("%begin".length);
  let bytes = 0;
  return {
    guard,
    isOurs: guard.endsWith(" 1"),
    lines: [],
    isCut: false,
    add(text, maxBytes) {
      bytes += text.length + 1;
      if (bytes > maxBytes) this.isCut = true;
      else this.lines.push(text);
    },
  };
}

function parseNotification(line: string): ControlEvent {
  const nameEnd = line.indexOf(" ");
  if (nameEnd === -1) return { kind: "notification", name: line.slice(1), rest: "" };
  return { kind: "notification", name: line.slice(1, nameEnd), rest: line.slice(nameEnd + 1) };
}
