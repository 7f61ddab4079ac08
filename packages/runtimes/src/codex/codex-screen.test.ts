import assert from "node:assert/strict";
import { test } from "node:test";
import type { PaneCapture } from "@mosaic/core";
import { blockedCodex, draftInCodex } from "./codex-screen.ts";

// As 0.169.0 drew them.
const banner = ["", "  >_ OpenAI Codex (v0.169.0)", "     /srv/work", "", "", "› an earlier prompt", "", "• its answer", "", ""];
const footer = ["", "  stub-model default · /srv/work", "  ← for agents · ? for shortcuts             ⚠ 2 warnings · f2 to view"];
const screen = (composer: readonly string[], below: readonly string[] = footer) => [...banner, ...composer, ...below];
const blocked = (lines: readonly string[]) => blockedCodex({ lines } as PaneCapture);

test("an empty composer is free, with what it shows by itself", () => {
  for (const shown of ["› Ask Codex to do anything", "› Ask a follow-up question", "›"]) {
    assert.equal(draftInCodex(screen([shown])), undefined, shown);
    assert.equal(blocked(screen([shown])), undefined, shown);
  }
});

test("a draft is found in one line or many, as a paste, while it works, and where it fills the screen", () => {
  assert.equal(draftInCodex(screen(["› a draft"])), "a draft");
  assert.equal(draftInCodex(screen(["› one", "   two", "", "  four"])), "one\ntwo\n\nfour");
  assert.equal(draftInCodex(screen(["› [Pasted Content 13893 chars]"])), "[Pasted Content 13893 chars]");
  assert.equal(draftInCodex(screen(["› busy draft"], ["", "  stub-model default · /w", "  tab to queue message"])), "busy draft");
  assert.equal(draftInCodex(screen(["› 7        ↑", "  8", "  9"], [""])), "7        ↑\n8\n9");
});

test("what takes the composer's place blocks, and its marked choice is no draft", () => {
  const permission = [
    ...[...banner, "• Running touch a", "", "  Would you like to run the following command?", "", "  $ touch a", ""],
    ...[
      "› 1. Yes, proceed (y)",
      "  3. No, and tell Codex what to do differently (esc)",
      "",
      "  Press enter to confirm or esc to cancel",
    ],
  ];
  const hooks = [
    ...["", "  Hooks need review", "  1 hook is new or changed.", "", "› 1. Review hooks", "  2. Trust all and continue"],
    ...["", "  enter confirm · esc skip"],
  ];
  const login = [
    ...[
      "  Welcome to Codex, OpenAI's command-line coding agent",
      "",
      "> 1. Sign in with ChatGPT",
      "  2. Sign in with Device Code",
    ],
    ...["", "  Press enter to continue"],
  ];
  const trust = [
    ...["", "  Folder access", "  /srv/work", "", "  Trust this folder? Codex can read, edit, and run files here, …", ""],
    ...["› 1. Trust and continue", "  2. Back to Agent Command Center", "", "  enter continue · esc back"],
  ];
  const screens: [readonly string[], string][] = [
    [trust, "asks whether to trust its folder"],
    [permission, "permission dialog"],
    [hooks, "asks whether to trust hooks"],
    [login, "login screen"],
    [["", ""], "starting"],
    [["  loading"], "starting, or in a dialog"],
  ];
  for (const [lines, why] of screens) {
    assert.equal(blocked(lines), why);
    assert.equal(draftInCodex(lines), undefined, why);
  }
});
