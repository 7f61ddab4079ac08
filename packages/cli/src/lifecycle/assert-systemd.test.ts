import assert from "node:assert/strict";
import { test } from "node:test";
import { assertSystemd } from "./assert-systemd.ts";

test("without systemd the hint names what can be done all the same", () => {
  const systemd = { kind: "absent", reason: "a container" } as const;
  const code = "NO_SYSTEMD";
  assert.throws(() => assertSystemd({ systemd }, "install"), { code, hint: /; without systemd .*: mosaic fleet start$/ });
  assert.throws(() => assertSystemd({ systemd }, "uninstall"), { code, hint: /; .* end with: mosaic fleet stop --holder$/ });
});
