import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MosaicError, type StoredMessage, withStep } from "@mosaic/core";
import { aMessage } from "@mosaic/testkit";
import { DeliveryState } from "@mosaic/wire";
import { type CarriedRow, fencedChange } from "./fenced-change.ts";

const { QUEUED, DELIVERED, TYPED, ACCEPTED, FAILED, EXPIRED } = DeliveryState;
const OURS = 7;
const THEIRS = 8;
const asRead = { token: OURS, knownVersion: 3 };
const outOfDate = { token: OURS, knownVersion: 2 };

function receiptAt(...states: DeliveryState[]): StoredMessage["receipt"] {
  return states.reduce((receipt, state) => withStep(receipt, state, { atUnixMs: 5 }), aMessage().receipt);
}

function row(ownerToken: number, receipt: StoredMessage["receipt"], isCarried = true): CarriedRow {
  const { text: _text, ...facts } = { ...aMessage(), sequence: 1, receipt };
  return { facts, textBytes: 2, owner: "a-2", ownerToken, version: 3, isCarried };
}

const isRefused = (thrown: unknown) => thrown instanceof MosaicError && thrown.code === "NOT_HERE";

describe("a change of a shared message", () => {
  test("by its carrier is made as it is", () => {
    const change = { receipt: receiptAt(FAILED) };
    const changed = fencedChange(row(OURS, receiptAt()), change, asRead);
    assert.deepEqual([changed.receipt, changed.isTaken], [change.receipt, true]);
  });

  test("by its carrier, who has not heard that its host has it, does not end it", () => {
    for (const state of [EXPIRED, FAILED]) {
      const { receipt } = fencedChange(row(OURS, receiptAt(DELIVERED)), { receipt: receiptAt(state) }, outOfDate);
      assert.equal(receipt.state, DELIVERED);
    }
  });

  test("by its carrier, who is behind what others wrote, goes on from there", () => {
    const { receipt } = fencedChange(row(OURS, receiptAt(DELIVERED, TYPED)), { receipt: receiptAt(DELIVERED) }, outOfDate);
    assert.equal(receipt.state, TYPED);
    const further = fencedChange(row(OURS, receiptAt(DELIVERED)), { receipt: receiptAt(DELIVERED, ACCEPTED) }, outOfDate);
    assert.equal(further.receipt.state, ACCEPTED);
  });

  test("by another is refused, unless its host told it", () => {
    for (const change of [receiptAt(), receiptAt(FAILED), receiptAt(EXPIRED)])
      assert.throws(() => fencedChange(row(THEIRS, receiptAt()), { receipt: change }, asRead), isRefused);
    const told = fencedChange(row(THEIRS, receiptAt()), { receipt: receiptAt(DELIVERED, ACCEPTED) }, asRead);
    assert.deepEqual([told.receipt.state, told.isTaken], [ACCEPTED, false]);
    const late = fencedChange(row(THEIRS, receiptAt(DELIVERED, ACCEPTED)), { receipt: receiptAt(DELIVERED) }, asRead);
    assert.equal(late.receipt.state, ACCEPTED);
  });

  test("that nobody carries, or that has ended, is made by whoever is asked, and theirs then", () => {
    const left = fencedChange(row(THEIRS, receiptAt(), false), { receipt: receiptAt(FAILED) }, asRead);
    assert.deepEqual([left.receipt.state, left.isTaken], [FAILED, true]);
    const again = fencedChange(row(THEIRS, receiptAt(FAILED)), { receipt: receiptAt() }, asRead);
    assert.deepEqual([again.receipt.state, again.isTaken], [QUEUED, true]);
  });

  test("that has ended and was begun anew meanwhile is not begun twice", () => {
    const { receipt } = fencedChange(row(THEIRS, receiptAt(DELIVERED, FAILED)), { receipt: receiptAt() }, outOfDate);
    assert.equal(receipt.state, FAILED);
  });
});
