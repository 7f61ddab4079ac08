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
 *  and its octal escapes stay as they are: what a pane shows is asked for with `capture-pane`. Whoever wants the output itself
 *  gives `onOutput`, which then gets these lines whole, as bytes, instead of `onEvent`. */
export class ControlParser {
  readonly #maxBlockBytes: number;
  readonly #onEvent: (event: ControlEvent) => void;
  readonly #onOutput: OutputLineListener | undefined;
  readonly #maxNotificationBytes: number;
  #line: Buffer[] = [];
  #lineBytes = 0;
  #isLineCut = false;
  #block: Block | undefined;

  constructor(maxBlockBytes: number, onEvent: (event: ControlEvent) => void, onOutput?: OutputLineListener) {
    this.#maxBlockBytes = maxBlockBytes;
    this.#onEvent = onEvent;
    this.#onOutput = onOutput;
    this.#maxNotificationBytes = onOutput === undefined ? MAX_NOTIFICATION_BYTES : MAX_OUTPUT_LINE_BYTES;
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
    const limit = this.#block === undefined ? this.#maxNotificationBytes : this.#maxBlockBytes;
    const kept = part.subarray(0, Math.max(0, limit - this.#lineBytes));
    if (kept.length < part.length) this.#isLineCut = true;
    if (kept.length < part.length && this.#block !== undefined) this.#block.isCut = true;
    if (kept.length === 0) return;
    this.#line.push(kept);
    this.#lineBytes += kept.length;
  }

  #endLine(): void {
    const bytes = Buffer.concat(this.#line);
    const isCut = this.#isLineCut;
    this.#line = [];
    this.#lineBytes = 0;
    this.#isLineCut = false;
    if (this.#onOutput !== undefined && this.#block === undefined && isOutput(bytes)) return this.#onOutput(bytes, isCut);
    const line = bytes.toString("utf8");
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

/** Takes a line of output as it came, without its line break; see `parsePaneOutput`. A cut one lacks its end. */
export type OutputLineListener = (line: Uint8Array, isCut: boolean) => void;

const NEWLINE = 0x0a;
/** Names and ids fit many times over; a subscription's value, of which only the arrival counts, need not. */
const MAX_NOTIFICATION_BYTES = 1_024;
/** tmux sends a client at most 8 KiB of one pane at a time, which octal escapes can make four times as much. */
const MAX_OUTPUT_LINE_BYTES = 1_048_576;
const OUTPUT_NAMES = ["%output ", "%extended-output "] as const;

function isOutput(line: Buffer): boolean {
  return OUTPUT_NAMES.some((name) => line.length >= name.length && line.toString("latin1", 0, name.length) === name);
}

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
