/** Passes on what a recorded terminal's output draws, piece by piece, and drops what would act on the terminal it is played in
 *  or make it answer: strings (titles, clipboard, colours of the palette, hyperlinks, images), questions (where is the cursor,
 *  what are you), key and mouse modes, window operations, and 8-bit controls. */
export function createPlayableFilter(): { push(text: string): string } {
  const filter = new PlayableFilter();
  return { push: (text) => filter.push(text) };
}

/** `ground`: text. `escape`: after Esc. `short`: after Esc and an intermediate. `csi`: after Esc [. `string`: until its end.
 *  `string escape`: after Esc in a string, which ends it whatever follows. */
type State = "ground" | "escape" | "short" | "csi" | "string" | "string escape";

/** A sequence longer than that is no sequence of anybody's. */
const MAX_SEQUENCE_LENGTH = 256;

class PlayableFilter {
  #state: State = "ground";
  /** What came of the sequence so far. */
  #sequence = "";

  push(text: string): string {
    let kept = "";
    let start = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#state === "ground" && isText(code)) continue;
      if (this.#state === "ground") kept += text.slice(start, at);
      kept += this.#step(text.charAt(at), code);
      start = at + 1;
    }
    return this.#state === "ground" ? kept + text.slice(start) : kept;
  }

  #step(character: string, code: number): string {
    if (code === CAN || code === SUB) return this.#toGround();
    if (this.#state === "string" || this.#state === "string escape") return this.#inString(character, code);
    if (code === ESC) return this.#begin("escape", character);
    // Controls work in the middle of a sequence too.
    if (code < 0x20 || code === 0x7f) return ALLOWED_CONTROLS.includes(character) ? character : "";
    if (this.#state === "ground") return "";
    this.#sequence += character;
    if (this.#sequence.length > MAX_SEQUENCE_LENGTH) return this.#toGround();
    if (this.#state === "csi") return this.#inCsi(code);
    if (this.#state === "escape" && character === "[") return this.#goOn("csi");
    if (this.#state === "escape" && STRING_STARTS.includes(character)) return this.#goOn("string");
    if (code < 0x30) return this.#goOn("short");
    return this.#end(this.#state === "short" ? SHORT_ALLOWED.test(this.#sequence) : ALLOWED_FINALS.includes(character));
  }

  #inString(character: string, code: number): string {
    if (this.#state === "string" && code !== ESC) return code === BEL || code === ST ? this.#toGround() : "";
    if (this.#state === "string") return this.#goOn("string escape");
    if (character === "\\") return this.#toGround();
    this.#begin("escape", "\x1b");
    return this.#step(character, code);
  }

  #inCsi(code: number): string {
    return code < 0x40 ? "" : this.#end(isHarmlessCsi(this.#sequence));
  }

  #begin(state: State, character: string): string {
    this.#sequence = character;
    return this.#goOn(state);
  }

  #goOn(state: State): string {
    this.#state = state;
    return "";
  }

  #end(isKept: boolean): string {
    const sequence = this.#sequence;
    this.#toGround();
    return isKept ? sequence : "";
  }

  #toGround(): string {
    this.#sequence = "";
    return this.#goOn("ground");
  }
}

const [BEL, CAN, SUB, ESC, ST] = [0x07, 0x18, 0x1a, 0x1b, 0x9c];
/** Not the bell, and not the question after the terminal's name. */
const ALLOWED_CONTROLS = "\b\t\n\v\f\r\x0e\x0f";
/** OSC, DCS, SOS, PM, APC, and the title as tmux's own terminal type has it. */
const STRING_STARTS = "]PX^_k";
/** Cursor kept and put back, line feeds, tab stops, keypads, reset. */
const ALLOWED_FINALS = "78DEHM=>cnoN|}~";
/** Character sets, and alignment. */
const SHORT_ALLOWED = /^\x1b(?:[()*+][0-9A-Za-z]|#[3-68])$/;
/** What moves, erases, inserts, scrolls, colours. */
const CSI_FINALS = "@ABCDEFGHIJKLMPSTXZ`abdefgmrsu";
/** Private modes that only change how things look: wrapping, origin, the cursor, the alternate screen, synchronised drawing. */
const DRAWING_MODES = new Set(["5", "6", "7", "12", "25", "45", "47", "1047", "1048", "1049", "2026"]);

function isText(code: number): boolean {
  return (code >= 0x20 && code < 0x7f) || code > 0x9f;
}

function isHarmlessCsi(sequence: string): boolean {
  const [, parameters = "", final = ""] = /^\x1b\[([0-9;:]*)([@-~])$/.exec(sequence) ?? [];
  if (final === "h" || final === "l") return parameters === "4" || parameters === "20";
  if (final !== "") return CSI_FINALS.includes(final);
  const [, modes] = /^\x1b\[\?([0-9;]+)[hl]$/.exec(sequence) ?? [];
  if (modes !== undefined) return modes.split(";").every((mode) => DRAWING_MODES.has(mode));
  // The cursor's shape, and a soft reset.
  return /^\x1b\[(?:\d? q|!p|\?[0-2]?[JK])$/.test(sequence);
}
