import { StringDecoder } from "node:string_decoder";

/** @typedef {{ type: "text" | "paste", text: string } | { type: "enter" | "backspace" | "clear" | "interrupt" }} Key */

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";
const SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|O[ -~]|[^\x1b[O])/y;
const UNFINISHED = /^\x1b(?:\[[0-?]*[ -/]*|O)?$/;
const TEXT = /[^\x00-\x08\x0b-\x1f\x7f]+/y;

/** @type {Readonly<Record<string, Key>>} */
const CONTROLS = {
  "\r": { type: "enter" },
  "\x7f": { type: "backspace" },
  "\b": { type: "backspace" },
  "\x15": { type: "clear" },
  "\x03": { type: "interrupt" },
};

/** Turns what a terminal sends into keys and pastes. A character, a sequence or a paste may come in any number of reads.
 *  Pasted text is kept exactly; keys that mean nothing here are dropped. */
export function createKeyDecoder() {
  const utf8 = new StringDecoder("utf8");
  let rest = "";
  /** The pieces of an open paste. @type {string[] | undefined} */
  let paste;

  /** @param {string} input @returns {string} what is left after the paste's end, or empty */
  function takePaste(input, /** @type {Key[]} */ keys) {
    const end = input.indexOf(PASTE_END);
    if (end < 0) {
      // The end mark itself may be cut in two.
      const kept = tailThatStarts(PASTE_END, input);
      paste?.push(input.slice(0, input.length - kept));
      rest = input.slice(input.length - kept);
      return "";
    }
    keys.push({ type: "paste", text: [...(paste ?? []), input.slice(0, end)].join("") });
    paste = undefined;
    return input.slice(end + PASTE_END.length);
  }

  /** @param {string} input @returns {string} what is left once a paste begins, or empty */
  function takeKeys(input, /** @type {Key[]} */ keys) {
    let at = 0;
    while (at < input.length) {
      if (input.startsWith(PASTE_START, at)) {
        paste = [];
        return input.slice(at + PASTE_START.length);
      }
      const text = match(TEXT, input, at);
      const sequence = match(SEQUENCE, input, at);
      const control = CONTROLS[input[at] ?? ""];
      if (sequence === "" && input[at] === "\x1b" && UNFINISHED.test(input.slice(at))) {
        rest = input.slice(at);
        return "";
      }
      if (text !== "") keys.push({ type: "text", text });
      else if (control !== undefined) keys.push(control);
      at += Math.max(1, text.length, sequence.length);
    }
    return "";
  }

  return {
    /** @param {Buffer} bytes @returns {Key[]} */
    decode(bytes) {
      /** @type {Key[]} */
      const keys = [];
      let input = rest + utf8.write(bytes);
      rest = "";
      while (input !== "") input = paste === undefined ? takeKeys(input, keys) : takePaste(input, keys);
      return keys;
    },
    /** Gives up on an unfinished sequence: a lone Escape is a key, not the start of the next word. */
    flush() {
      if (paste === undefined) rest = "";
    },
    /** True while an unfinished sequence is held, which {@link flush} would drop. */
    isHolding: () => paste === undefined && rest !== "",
  };
}

/** @param {RegExp} sticky @param {string} input @param {number} at @returns {string} */
function match(sticky, input, at) {
  sticky.lastIndex = at;
  return sticky.exec(input)?.[0] ?? "";
}

/** @param {string} mark @param {string} input @returns {number} how many last characters of the input begin the mark */
function tailThatStarts(mark, input) {
  for (let length = Math.min(mark.length - 1, input.length); length > 0; length--) {
    if (input.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}
