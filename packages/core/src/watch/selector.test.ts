import assert from "node:assert/strict";
import { test } from "node:test";
import { aHostStatus, anAgent, aSelector } from "@mosaic/testkit";
import { selectorText, selectsAll, selectsHost, selectsRow } from "./selector.ts";

const alpha = aHostStatus();

test("a list that is empty does not restrict, and lists are alternatives within and conditions between", () => {
  assert.ok(selectsHost(undefined, alpha) && selectsHost(aSelector(), alpha));
  assert.ok(selectsHost(aSelector({ hosts: ["beta", "alpha"] }), alpha));
  assert.ok(selectsHost(aSelector({ hosts: [alpha.hostId] }), alpha));
  assert.ok(!selectsHost(aSelector({ hosts: ["beta"] }), alpha));
  assert.ok(!selectsHost(aSelector({ tenantIds: ["team-b"], hosts: ["alpha"] }), alpha));
});

test("names restrict rows and never hosts", () => {
  const selector = aSelector({ names: ["lead"] });
  assert.ok(selectsHost(selector, alpha));
  assert.ok(selectsRow(selector, anAgent()) && !selectsRow(selector, anAgent({ name: "coder0" })));
});

test("a host without an id is not selected by an empty name", () => {
  assert.ok(!selectsHost(aSelector({ hosts: [""] }), aHostStatus({ hostId: "" })));
});

test("the text is one per meaning: order and repetition do not matter, the list does", () => {
  assert.equal(selectorText(undefined), selectorText(aSelector()));
  assert.equal(selectorText(aSelector({ hosts: ["b", "a", "b"] })), selectorText(aSelector({ hosts: ["a", "b"] })));
  const different = [
    { hosts: ["a"] },
    { tenantIds: ["a"] },
    { names: ["a"] },
    { hosts: ["a"], names: ["a"] },
    { hosts: ["a", "b"] },
    {},
  ];
  const texts = different.map((fields) => selectorText(aSelector(fields)));
  assert.equal(new Set(texts).size, texts.length);
  assert.ok(selectsAll(aSelector()) && !selectsAll(aSelector({ names: ["a"] })));
});

test("names with separators in them do not make two selectors look alike", () => {
  assert.notEqual(selectorText(aSelector({ names: ["a,b"] })), selectorText(aSelector({ names: ["a", "b"] })));
  assert.notEqual(selectorText(aSelector({ hosts: ["a;b"] })), selectorText(aSelector({ hosts: ["a"], names: ["b"] })));
});
