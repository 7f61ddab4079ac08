/** What is special to a database that others use as well: late commits, versions, secrets. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { aRecord, eventually } from "@mosaic/testkit";
import { emptyDatabase } from "./empty-database.ts";
import { sharedPostgres } from "./shared-postgres.ts";

const NOW = new AbortController().signal;
const postgres = sharedPostgres();

const namesOf = ({ records }: { readonly records: readonly { readonly name: string }[] }) =>
  records.map(({ name }) => name).sort();
const LATE = `INSERT INTO mosaic.membership (role, tenant_id, name, host_id, addresses, state, reason, changed_by, changed_at_unix_ms, rev)
  VALUES ('node', 'team-a', 'late', '', '[]', 'expected', '', '', 1, 1)`;

describe("a database that others use too", { skip: postgres.skip }, () => {
  test("a commit that comes late is not skipped, and holds up nothing that came before it", async (context) => {
    const { open, connect } = await emptyDatabase(postgres.server, context);
    const store = (await open()).openMembership();
    const { cursor } = await store.list(NOW);
    const slow = await connect();
    await slow.query("BEGIN");
    await slow.query(LATE);
    await store.put(aRecord({ name: "quick" }), NOW);
    const first = await store.changesSince(cursor, NOW);
    assert.deepEqual(namesOf(first), ["quick"], "its transaction is the younger one, and its commit the earlier");
    await slow.query("COMMIT");
    const second = await store.changesSince(first.cursor, NOW);
    assert.deepEqual(namesOf(second), ["late"]);
    assert.deepEqual(namesOf(await store.changesSince(second.cursor, NOW)), []);
  });

  test("what was taken back is never told", async (context) => {
    const { open, connect } = await emptyDatabase(postgres.server, context);
    const store = (await open()).openMembership();
    const { cursor } = await store.list(NOW);
    const other = await connect();
    await other.query("BEGIN");
    await other.query(LATE);
    const between = await store.changesSince(cursor, NOW);
    await other.query("ROLLBACK");
    assert.deepEqual(namesOf(await store.changesSince(between.cursor, NOW)), []);
  });

  test("a database that was put back to an earlier time tells everything", async (context) => {
    const { open } = await emptyDatabase(postgres.server, context);
    const store = (await open()).openMembership();
    await store.put(aRecord(), NOW);
    assert.deepEqual(namesOf(await store.changesSince("900000000:900000000:", NOW)), ["alpha"]);
  });

  test("several that come to an empty database at the same time make its tables once", async (context) => {
    const { open, connect } = await emptyDatabase(postgres.server, context);
    const stores = await Promise.all(["a-1", "a-2", "a-3", "a-4"].map((ownId) => open({ ownId })));
    for (const { messages } of stores) await eventually("it is used", () => messages.health().refusal === undefined);
    const { rows } = await (await connect()).query("SELECT version FROM mosaic.version");
    assert.deepEqual(rows, [{ version: 1 }]);
  });

  test("tables of a newer version are refused by name and left as they are, until this version is back", async (context) => {
    const { open, connect } = await emptyDatabase(postgres.server, context);
    await open();
    const other = await connect();
    await other.query("UPDATE mosaic.version SET version = 7");
    const { messages, leases, openMembership } = await open({ ownId: "a-2" });
    const isNamed = (thrown: unknown) => thrown instanceof MosaicError && /version 7, and this one knows 1/.test(thrown.message);
    assert.match(messages.health().refusal ?? "", /version 7, and this one knows 1/);
    await assert.rejects(openMembership().put(aRecord(), NOW), isNamed);
    await assert.rejects(leases.acquire("x", "a-2", 1000, NOW), isNamed);
    await other.query("UPDATE mosaic.version SET version = 1");
    await eventually("it is used again", () => messages.health().refusal === undefined);
  });

  test("a password is in no log, no error and no reason", async (context) => {
    const { gate, open, logged } = await emptyDatabase(postgres.server, context);
    const said: string[] = [];
    const note = (thrown: unknown) => {
      const error = MosaicError.from(thrown);
      said.push(error.message, error.hint ?? "", error.stack ?? "");
    };
    const wrong = { ...gate, url: gate.url.replace(postgres.server.password, "wrong-secret") };
    const refused = await open({ by: wrong });
    said.push(refused.messages.health().refusal ?? "");
    assert.match(refused.messages.health().refusal ?? "", /password authentication failed.*28P01/);
    await refused.openMembership().list(NOW).catch(note);
    const nowhere = await open({ by: { ...gate, url: gate.url.replace("/test_", "/missing_") } });
    await nowhere.openMembership().list(NOW).catch(note);
    const store = await open();
    gate.setOpen(false);
    await store.leases.acquire("x", "a", 1, NOW).catch(note);
    await eventually("it is noticed", () => store.messages.health().refusal !== undefined);
    const all = [...said, ...logged, store.messages.health().refusal ?? ""].join("\n");
    assert.ok(said.length >= 9, `only ${said.length} things were said`);
    assert.doesNotMatch(all, new RegExp(`wrong-secret|${postgres.server.password}`));
    assert.match(all, /postgres:\/\/mosaic@\/test_\d+\?host=/);
  });

  test("a commit is on disk whatever the database has as its default", async (context) => {
    const { open, connect } = await emptyDatabase(postgres.server, context);
    const other = await connect();
    const { rows } = await other.query("SELECT current_database() AS name");
    await other.query(`ALTER DATABASE ${rows[0].name} SET synchronous_commit TO off`);
    const { openMembership } = await open();
    // Says in its own transaction what holds there.
    await other.query(`CREATE FUNCTION public.said() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN NEW.reason = current_setting('synchronous_commit'); RETURN NEW; END $$`);
    await other.query("CREATE TRIGGER said BEFORE INSERT ON mosaic.membership FOR EACH ROW EXECUTE FUNCTION public.said()");
    const store = openMembership();
    await store.put(aRecord(), NOW);
    assert.equal((await store.list(NOW)).records[0]?.reason, "on");
  });
});
