import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUnitsToReload } from "./units-to-reload.ts";

test("units whose files changed are named, whatever the order of the properties", () => {
  const text = `Id=mosaic-node.service
NeedDaemonReload=yes

NeedDaemonReload=no
Id=mosaic-tmux-holder.service

NeedDaemonReload=yes
Id=mosaic-agent@lead.service
`;
  assert.deepEqual(parseUnitsToReload(text), ["mosaic-node.service", "mosaic-agent@lead.service"]);
  assert.deepEqual(parseUnitsToReload(""), []);
});
