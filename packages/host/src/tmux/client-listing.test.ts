import assert from "node:assert/strict";
import { test } from "node:test";
import { parseClients } from "./client-listing.ts";
import { needsTmux, never, privateServer, until } from "./private-server-for-tests.ts";

const tmux = process.env["MOSAIC_TEST_TMUX"] ?? "tmux";
const idle = ["sleep", "3600"] as const;

test("programs and read-only clients are nobody's keys", () => {
  const lines = ["1\t0\t5\t%1\tclient-1", "0\t1\t5\t%1\t/dev/pts/1", "0\t0\t7\t%2\t/dev/pts/2", ""];
  assert.deepEqual(parseClients(lines), [{ name: "/dev/pts/2", paneId: "%2", lastKeyUnixMs: 7000 }]);
});

test(
  "who types into a pane past us is told with the time of the last key, and who only looks is not",
  needsTmux,
  async (context) => {
    const inner = privateServer(context);
    const outer = privateServer(context);
    await inner.run("new-session", "-d", "-s", "lead", "--", ...idle);
    const server = inner.connect();
    assert.deepEqual(await server.listClients(never), []);
    const attach = (session: string, ...flags: string[]) =>
      outer.run("new-session", "-d", "-s", session, "--", "env", "-u", "TMUX", tmux, "-L", inner.socketName, "attach", ...flags);
    await attach("looker", "-r");
    await attach("typist");
    await until("both are attached", async () => (await inner.run("list-clients")).split("\n").length >= 3);
    const [pane] = await server.listPanes(never);
    const told = await server.listClients(never);
    assert.deepEqual(
      told.map(({ paneId }) => paneId),
      [pane?.paneId],
    );
    const before = told[0]?.lastKeyUnixMs ?? 0;
    await until("a second has gone", () => Date.now() - before > 1100);
    await outer.run("send-keys", "-t", "=typist:", "x");
    await until("the key is told", async () => ((await server.listClients(never))[0]?.lastKeyUnixMs ?? 0) > before);
  },
);

test("without a server nobody is attached", needsTmux, async (context) => {
  assert.deepEqual(await privateServer(context).connect().listClients(never), []);
});
