#!/usr/bin/env node
// Stands in for a coding agent in a terminal: see --help. Plain JavaScript, so that any Node from 18 on starts it at once.
import { createBeats } from "./beats.mjs";
import { createComposer } from "./composer.mjs";
import { createConversation } from "./conversation.mjs";
import { openConversationFile } from "./conversation-file.mjs";
import { listenToKeys } from "./keyboard.mjs";
import { readOptions } from "./options.mjs";
import { createScreen } from "./screen.mjs";
import { statusLine, titleOf } from "./status-line.mjs";
import { takeTerminal } from "./terminal.mjs";

// Many keys in one moment are one change to look at.
const REDRAW_MS = 15;

/** @param {import("./options.mjs").Options} options @param {import("./conversation-file.mjs").ConversationFile} file */
function runAgent(options, file) {
  takeTerminal(options.alternateScreen);
  const composer = createComposer();
  const screen = createScreen((text) => process.stdout.write(text), options.alternateScreen);
  /** Drafts that a behaviour leaves, until the submitted one is cleared. @type {string[]} */
  const drafts = [];
  let notice = "";

  const hooks = {
    onChange: () => {
      beats.beat();
      show();
    },
    onAccepted: (/** @type {string} */ textSha256, /** @type {string} */ turnId) => beats.accept(textSha256, turnId),
    onEnded: (/** @type {string} */ turnId) => beats.end(turnId),
    onDraft: (/** @type {string} */ text) => drafts.push(text),
    onDie: (/** @type {number} */ code) => process.exit(code),
  };
  const conversation = createConversation(options.slowMs, hooks, file);
  const { state, manner } = conversation;
  const beats = createBeats(options, state, manner, () => show());

  function draw() {
    const status = statusLine(state, [notice, beats.problems(), file.problem()]);
    const view = { title: titleOf(options), transcript: state.transcript, draft: composer.shown(), status };
    screen.draw(manner.blank ? undefined : view, { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 });
  }

  /** @type {NodeJS.Timeout | undefined} */
  let redraw;
  function show() {
    if (redraw !== undefined) return;
    redraw = setTimeout(() => {
      redraw = undefined;
      draw();
    }, REDRAW_MS);
  }

  function leaveDrafts() {
    for (const draft of drafts.splice(0)) composer.type(draft);
  }

  function submit() {
    const text = composer.text();
    if (text === "" || !conversation.submit(text)) return;
    composer.clear();
    leaveDrafts();
  }

  /** @param {import("./keys.mjs").Key} key */
  function press(key) {
    notice = "";
    if (key.type === "text" || key.type === "paste") {
      const isTaken = key.type === "text" ? composer.type(key.text) : composer.paste(key.text);
      if (!isTaken) notice = "that is too long for the composer";
    }
    if (key.type === "backspace") composer.backspace();
    if (key.type === "interrupt" && composer.isEmpty()) process.exit(0);
    if (key.type === "clear" || key.type === "interrupt") composer.clear();
    if (key.type === "enter") submit();
  }

  listenToKeys(press, show);
  process.stdout.on("error", () => process.exit(0));
  process.stdout.on("resize", show);
  // The seconds of a turn go on, as in the real ones: a wedged agent's screen lives.
  setInterval(() => state.status === "working" && show(), 1000);

  conversation.start(options.behaviours);
  leaveDrafts();
  draw();
  beats.beat();
}

const read = readOptions(process.argv.slice(2), process.env);
if ("help" in read) {
  console.log(read.help);
} else if ("problem" in read || !process.stdin.isTTY || !process.stdout.isTTY) {
  console.error(`stub-agent: ${"problem" in read ? read.problem : "it needs a terminal for its input and output"}. See --help.`);
  process.exitCode = 2;
} else {
  const file = openConversationFile(read.options.mosaicHome, read.options.resumeId);
  if (file !== undefined) runAgent(read.options, file);
  else {
    console.error(`stub-agent: there is no conversation ${read.options.resumeId}`);
    process.exitCode = 1;
  }
}
