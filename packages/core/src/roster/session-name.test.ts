import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "../errors.ts";
import { agentNameOf, sessionNameOf } from "./session-name.ts";

test("a dot in an agent's name is a tilde in its session's name", () => {
  assert.equal(sessionNameOf("team.lead"), "team~lead");
  assert.equal(agentNameOf("team~lead"), "team.lead");
  assert.equal(sessionNameOf("coder_0-A"), "coder_0-A");
});

test("every name a roster accepts has a session of its own, and leads back to itself", () => {
  const letters = "aB0_.-";
  const sessions = new Map<string, string>();
  for (let length = 1; length <= 5; length++) {
    for (let number = 0; number < letters.length ** length; number++) {
      const name = Array.from(
        { length },
        (_, place) => letters[Math.floor(number / letters.length ** place) % letters.length],
      ).join("");
      const session = sessionNameOf(name);
      assert.doesNotMatch(session, /[.:]/);
      assert.equal(sessions.get(session), undefined, `${name} shares ${session}`);
      assert.equal(agentNameOf(session), name);
      sessions.set(session, name);
    }
  }
  assert.equal(sessions.size, 6 + 6 ** 2 + 6 ** 3 + 6 ** 4 + 6 ** 5);
});

test("a session that no roster names leads back to itself too", () => {
  for (const session of ["scratch pad", "_holder", "7", "a~b~", "ünïcode", "=x"])
    assert.equal(sessionNameOf(agentNameOf(session)), session);
});

test("a name that would meet another one's session is refused", () => {
  for (const name of ["", "a~b", "a:b"]) {
    assert.throws(
      () => sessionNameOf(name),
      (error: unknown) => error instanceof MosaicError && error.code === "USAGE",
    );
  }
});
