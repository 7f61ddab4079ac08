import assert from "node:assert/strict";
import { test } from "node:test";
import type { PaneCapture } from "@mosaic/core";
import { blockedClaude, draftInClaude } from "./claude-screen.ts";

// As 2.1.197 drew them.
const rule = "─".repeat(100);
const banner = [" ▐▛███▜▌   Claude Code v2.1.197", "▝▜█████▛▘  Sonnet 4.5 · API Usage Billing", "  ▘▘ ▝▝    /srv/work", "", ""];
const ready = "  ? for shortcuts · ← for agents";
const screen = (composer: readonly string[], ...below: string[]) => [...banner, rule, ...composer, rule, ...below, "", "", ""];
const blocked = (lines: readonly string[]) => blockedClaude({ lines } as PaneCapture);

test("an empty composer is free, with what it shows by itself too", () => {
  for (const shown of ["❯ ", "❯", "❯ Press up to edit queued messages", '❯ Try "refactor <filepath>"', "❯ Message @coder0…"]) {
    assert.equal(draftInClaude(screen([shown], ready)), undefined, shown);
    assert.equal(blocked(screen([shown], "  esc to interrupt · ← for agents")), undefined, shown);
  }
});

test("a draft is found in one line or many, as a paste, and behind the shell's mark", () => {
  assert.equal(draftInClaude(screen(["❯ draft of a message not yet sent"])), "draft of a message not yet sent");
  assert.equal(draftInClaude(screen(["❯ one", "  two", "", "  four"], ready)), "one\ntwo\n\nfour");
  assert.equal(draftInClaude(screen(["❯ [Pasted text #1 +3 lines]"], "  paste again to expand")), "[Pasted text #1 +3 lines]");
  assert.equal(draftInClaude(screen(["! ls"])), "ls");
  assert.equal(blocked(screen(["❯ draft"])), undefined);
});

test("a composer without the line below it still starts", () => {
  assert.equal(blocked(screen(["❯ "])), "starting");
  assert.equal(blocked(["", ""]), "starting");
});

test("what takes the composer's place blocks, and its marked choice is no draft", () => {
  const permission = [
    ...[...banner, "● Bash(touch a)", "  ⎿  Waiting…", rule, " Bash command", "", "   touch a", "", " Do you want to proceed?"],
    ...[" ❯ 1. Yes", "   2. Yes, and always allow access to work/ from this project", "   3. No"],
    ...["", " Esc to cancel · Tab to amend · ctrl+e to explain"],
  ];
  const trust = [
    ...[rule, " Accessing workspace:", "", " /srv/work", ""],
    ...[" Quick safety check: Is this a project you created or one you trust? (Like your own code, …", "", " Security guide"],
    ...["", " ❯ 1. Yes, I trust this folder", "   2. No, exit", "", " Enter to confirm · Esc to cancel"],
  ];
  const question = [
    ...[
      "❯ TOOL",
      rule,
      " ☐ Pick",
      "",
      "Which one?",
      "",
      "❯ 1. alpha",
      "     the first",
      "  2. beta",
      rule,
      "  4. Chat about this",
    ],
    ...["", "Enter to select · ↑/↓ to navigate · Esc to cancel"],
  ];
  const theme = [" Let's get started.", "", " Choose the text style that looks best with your terminal", " ❯ 2. Dark mode ✔"];
  const screens: [readonly string[], string][] = [
    [permission, "permission dialog"],
    [trust, "asks whether to trust its folder"],
    [question, "asks a question"],
    [theme, "first-start screens"],
    [["something else"], "starting, or in a dialog"],
  ];
  for (const [lines, why] of screens) {
    assert.equal(blocked(lines), why);
    assert.equal(draftInClaude(lines), undefined, why);
  }
});

test("without a login nothing is typed, though the composer is there", () => {
  const lines = screen(["❯ "], `${ready}                    Not logged in · Run /login`);
  assert.match(blocked(lines) ?? "", /^not logged in/);
});
