import { printable } from "./cells.mjs";

// Beyond this a paste is shown by its size, as the real agents do: the screen can't tell what was typed.
const LONG_PASTE_BYTES = 800;
const LONG_PASTE_LINES = 5;
const MAX_CHARACTERS = 2 ** 20;
/** More than any terminal is wide. */
const SHOWN_CHARACTERS = 2000;

/** The draft that is being typed: pieces of typed text and whole pastes, which Backspace removes as one. */
export function createComposer() {
  /** @type {{ text: string, isLongPaste: boolean }[]} */
  let pieces = [];

  const length = () => pieces.reduce((sum, piece) => sum + piece.text.length, 0);

  return {
    /** @param {string} text @returns {boolean} false when the draft would become too long, and is left as it was */
    type(text) {
      const last = pieces.at(-1);
      if (length() + text.length > MAX_CHARACTERS) return false;
      if (last === undefined || last.isLongPaste) pieces.push({ text, isLongPaste: false });
      else last.text += text;
      return true;
    },
    /** @param {string} text @returns {boolean} as {@link type} */
    paste(text) {
      if (!isLong(text)) return this.type(text);
      if (length() + text.length > MAX_CHARACTERS) return false;
      pieces.push({ text, isLongPaste: true });
      return true;
    },
    backspace() {
      const last = pieces.at(-1);
      if (last === undefined) return;
      const character = [...last.text.slice(-2)].at(-1) ?? "";
      last.text = last.text.slice(0, last.text.length - character.length);
      if (last.isLongPaste || last.text === "") pieces.pop();
    },
    clear() {
      pieces = [];
    },
    isEmpty: () => pieces.length === 0,
    /** @returns {string} the draft, exactly */
    text: () => pieces.map((piece) => piece.text).join(""),
    /** @returns {string} the draft as one line to show, its end when it is very long */
    shown: () =>
      pieces
        .map(({ text, isLongPaste }) =>
          isLongPaste ? `[pasted ${Buffer.byteLength(text)} bytes]` : printable(text.slice(-SHOWN_CHARACTERS)),
        )
        .join(""),
  };
}

/** @param {string} text */
function isLong(text) {
  return Buffer.byteLength(text) > LONG_PASTE_BYTES || text.split(/\r\n|[\r\n]/, LONG_PASTE_LINES + 1).length > LONG_PASTE_LINES;
}
