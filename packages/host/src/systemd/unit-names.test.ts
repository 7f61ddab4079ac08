import assert from "node:assert/strict";
import { test } from "node:test";
import { createMatcher, fromUnitPath, templateOf, toUnitPath } from "./unit-names.ts";

test("a unit's object path is escaped byte by byte, and read back", () => {
  const path = "/org/freedesktop/systemd1/unit/mosaic_2dagent_40a_2eb_2dc_2eservice";
  assert.equal(toUnitPath("mosaic-agent@a.b-c.service"), path);
  assert.equal(fromUnitPath(path), "mosaic-agent@a.b-c.service");
  for (const unit of ["plain", "1digit@0.service", "ümlaut@日本.service", "under_score.service"]) {
    assert.equal(fromUnitPath(toUnitPath(unit)), unit);
  }
});

test("the path of a job is no unit's", () => {
  assert.equal(fromUnitPath("/org/freedesktop/systemd1/job/12"), undefined);
});

test("an instance and a pattern have a template, other units have none", () => {
  assert.equal(templateOf("mosaic-agent@a.b@c.service"), "mosaic-agent@.service");
  assert.equal(templateOf("mosaic-agent@*.service"), "mosaic-agent@.service");
  for (const unit of ["mosaic-node.service", "mosaic-agent@.service", "@x.service", "a@b", "*"]) {
    assert.equal(templateOf(unit), undefined);
  }
});

test("a pattern fits as in a shell, and only the whole name", () => {
  const fits = createMatcher(["mosaic-agent@*.service", "mosaic-tmux-holder.service"]);
  assert.equal(fits("mosaic-agent@a.b.service"), true);
  assert.equal(fits("mosaic-agent@.service"), true);
  assert.equal(fits("mosaic-tmux-holder.service"), true);
  assert.equal(fits("mosaic-tmux-holderxservice"), false);
  assert.equal(fits("x-mosaic-agent@a.service"), false);
  assert.equal(fits("mosaic-agent@a.socket"), false);
});

test("a question mark is one character, and what means something to a regular expression means itself", () => {
  const fits = createMatcher(["a?.service", "b+(c).service"]);
  for (const unit of ["a1.service", "b+(c).service"]) assert.equal(fits(unit), true, unit);
  for (const unit of ["a.service", "a12.service", "bbc.service"]) assert.equal(fits(unit), false, unit);
});

test("no pattern fits nothing", () => {
  assert.equal(createMatcher([])("a.service"), false);
});
