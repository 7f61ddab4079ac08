import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRoster } from "@mosaic/core";
import { withOwnSocket } from "./own-socket.ts";

const EXAMPLE = "# One.\nversion: 1\ntransport: tmux\nagents:\n  - { name: a, runtime: stub }\n";

function socketOf(mosaicHome: string): string {
  const text = withOwnSocket(EXAMPLE, mosaicHome);
  return parseRoster(text, { file: "r", defaultTenant: "t", defaultHost: "h" }).socketName;
}

test("the socket's name is the folder's, and of this folder alone", () => {
  const name = socketOf("/srv/a b/ship.it/.mosaic");
  assert.match(name, /^mosaic-ship-it-[0-9a-f]{8}$/);
  assert.equal(socketOf("/srv/a b/ship.it/.mosaic"), name);
  assert.notEqual(socketOf("/srv/c/ship.it/.mosaic"), name);
});

test("every folder's name gives a socket that a roster may have", () => {
  for (const folder of ["/", "/é", `/${"long".repeat(60)}`, '/"quoted" #1: x', "/-", "/.."]) {
    assert.match(socketOf(`${folder}/.mosaic`), /^mosaic-[A-Za-z0-9_-]{0,30}-[0-9a-f]{8}$/, folder);
  }
});
