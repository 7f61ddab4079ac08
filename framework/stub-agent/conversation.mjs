import { randomBytes } from "node:crypto";
import { answerTo, sha256, shortened } from "./answer.mjs";
import { behavioursIn } from "./behaviours.mjs";
import { printable } from "./cells.mjs";

/** @typedef {import("./behaviours.mjs").Behaviour} Behaviour
 *  @typedef {"ready" | "working" | "waiting" | "failed" | "idle"} Status
 *  @typedef {{ id: string, text: string, waitFor: string, fail: string, notes: string[] }} Turn
 *  @typedef {object} Hooks
 *  @property {() => void} onChange something to show, or to report, changed
 *  @property {(textSha256: string, turnId: string) => void} onAccepted a prompt was taken
 *  @property {(turnId: string) => void} onEnded a turn ended
 *  @property {(text: string) => void} onDraft that text should be in the composer
 *  @property {(code: number) => void} onDie the program should end now */

const MAX_LINES = 1000;

/** What a coding agent does, without the coding: takes prompts one after the other, works, answers, waits, fails.
 *  States: ready (nothing asked yet) → working → idle, or failed; working → waiting → working; /clear leads to ready.
 *  @param {number} defaultSlowMs @param {Hooks} hooks @param {import("./conversation-file.mjs").ConversationFile} file where it is kept */
export function createConversation(defaultSlowMs, hooks, file) {
  const manner = { slowMs: defaultSlowMs, wedged: false, deaf: false, blank: false, mute: false, fileOnly: false };
  const state = {
    status: /** @type {Status} */ ("ready"),
    turnId: "",
    waitingFor: "",
    detail: "",
    sinceMs: 0,
    sessionId: file.id(),
    transcript: file.lines.slice(-MAX_LINES),
  };
  /** @type {Turn[]} */
  const queue = [];
  /** @type {Turn | undefined} */
  let current;
  let turnCount = 0;

  /** @param {string} text @returns {Turn} */
  const newTurn = (text) => ({
    id: `turn-${++turnCount}-${randomBytes(4).toString("hex")}`,
    text,
    waitFor: "",
    fail: "",
    notes: [],
  });

  /** @param {string} line */
  function say(line) {
    file.append(line);
    state.transcript.push(line);
    if (state.transcript.length > MAX_LINES) state.transcript.splice(0, state.transcript.length - MAX_LINES);
  }

  /** @param {Partial<typeof state>} change */
  function become(change) {
    Object.assign(state, { waitingFor: "", detail: "" }, change);
    hooks.onChange();
  }

  /** @param {Turn} turn */
  function begin(turn) {
    current = turn;
    become({ status: "working", turnId: turn.id, sinceMs: performance.now() });
    setTimeout(() => proceed(turn), manner.slowMs);
  }

  /** @param {Turn} turn */
  function proceed(turn) {
    if (manner.wedged || turn !== current) return;
    if (turn.waitFor === "") return finish(turn);
    become({ status: "waiting", waitingFor: turn.waitFor });
  }

  /** @param {Turn} turn */
  function finish(turn) {
    current = undefined;
    if (turn.fail === "") for (const line of [answerTo(turn.text), ...turn.notes]) say(line);
    else say(`failed: ${printable(turn.fail)}`);
    hooks.onEnded(turn.id);
    become(turn.fail === "" ? { status: "idle" } : { status: "failed", detail: turn.fail });
    const next = queue.shift();
    if (next !== undefined) begin(next);
  }

  /** @param {Behaviour} behaviour @param {Turn} turn the turn that a "once" behaviour is for */
  function behave({ name, value }, turn) {
    if (name === "slow") manner.slowMs = Number(value);
    if (name === "wedged") manner.wedged = true;
    if (name === "deaf") manner.deaf = true;
    if (name === "blank") manner.blank = true;
    if (name === "mute") manner.mute = true;
    if (name === "file-only") manner.fileOnly = true;
    if (name === "normal")
      Object.assign(manner, { slowMs: defaultSlowMs, wedged: false, deaf: false, blank: false, mute: false, fileOnly: false });
    if (name === "waiting") turn.waitFor = value;
    if (name === "fail") turn.fail = value;
    if (name === "draft") hooks.onDraft(value);
    if (name === "die") hooks.onDie(value === "" ? 1 : Number(value));
  }

  return {
    state,
    manner,
    /** Behaves from the start as if a message had asked for it.
     *  @param {readonly Behaviour[]} behaviours */
    start(behaviours) {
      const turn = newTurn("");
      for (const behaviour of behaviours) behave(behaviour, turn);
      if (manner.wedged) return begin(turn);
      if (turn.fail !== "") return become({ status: "failed", turnId: turn.id, detail: turn.fail });
      if (turn.waitFor === "") return;
      current = turn;
      become({ status: "waiting", turnId: turn.id, waitingFor: turn.waitFor });
    },
    /** Takes a text as a prompt, or as the answer that a waiting turn waits for.
     *  @param {string} text @returns {boolean} false when Enter is ignored and the draft stays */
    submit(text) {
      if (manner.wedged || manner.deaf) return false;
      if (text.trim() === "/clear" && current === undefined) {
        state.transcript.length = 0;
        file.startOver();
        become({ status: "ready", turnId: "", sessionId: file.id() });
        return true;
      }
      const waiting = state.status === "waiting" ? current : undefined;
      const turn = waiting ?? newTurn(text);
      say(`> ${shortened(text, 200)}`);
      hooks.onAccepted(sha256(text), turn.id);
      const { behaviours, problems } = behavioursIn(text);
      for (const behaviour of behaviours) behave(behaviour, turn);
      turn.notes.push(...problems);
      if (waiting !== undefined) finish({ ...turn, text });
      else if (current === undefined) begin(turn);
      else {
        queue.push(turn);
        hooks.onChange();
      }
      return true;
    },
  };
}
