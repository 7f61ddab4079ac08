import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { procfsTable } from "@mosaic/host";
import { recordingsHome } from "./home-for-tests.ts";

const FIRST = "20251121T100000500Z-3f9a1c";
const SECOND = "20251121T110000000Z-aaaaaa";
const STARTED = 1_763_719_200_500;
const clock = { nowUnixMs: () => STARTED + 7_200_000, monotonicMs: () => 0, sleep: async () => {} };

test("recordings are listed oldest first, with age, length, size and state", async (context) => {
  const home = await recordingsHome(context);
  await home.add(`lead/${FIRST}`, { text: "x".repeat(1234), modifiedUnixMs: STARTED + 61_000 });
  await home.add(`coder.0/${SECOND}`, { text: "", modifiedUnixMs: STARTED + 3_600_000 });
  const ticks = procfsTable().read(process.pid)?.startTicks ?? 0;
  await writeFile(join(home.sessions, `coder.0/.${SECOND}.writing`), `${process.pid} ${ticks}\n`);
  const { io, ended } = home.run(["list"], { clock });
  assert.equal(await ended, 0);
  assert.equal(
    io.stdout.text,
    `ID                          AGENT    AGE  LENGTH  SIZE    STATE
20251121T100000500Z-3f9a1c  lead     2h   1m      1.2 kB  finished
20251121T110000000Z-aaaaaa  coder.0  1h   0s      0 B     recording
2 recordings, 1.2 kB.
`,
  );
  const only = home.run(["list", "--agent", "lead"], { clock });
  await only.ended;
  assert.match(only.io.stdout.text, /\n1 recording, 1\.2 kB\.\n$/);
});

test("the fields of mosaic.sessions.list/1", async (context) => {
  const home = await recordingsHome(context);
  await home.add(`lead/${FIRST}`, { text: "12345", modifiedUnixMs: STARTED + 2000 });
  const { io, ended } = home.run(["list", "--json"], { clock });
  assert.equal(await ended, 0);
  assert.deepEqual(JSON.parse(io.stdout.text), {
    schema: "mosaic.sessions.list/1",
    complete: true,
    bytes: 5,
    items: [
      {
        id: FIRST,
        agent: "lead",
        path: join(home.sessions, `lead/${FIRST}.cast`),
        started_unix_ms: STARTED,
        duration_ms: 2000,
        bytes: 5,
        is_being_written: false,
      },
    ],
  });
});

test("without recordings it says how there come to be some", async (context) => {
  const { io, ended } = (await recordingsHome(context)).run(["list"]);
  assert.equal(await ended, 0);
  assert.match(io.stdout.text, /^No recordings\. .* recording: \{\}\n$/);
});

test("on 60 columns whether it is being written stays, and the size goes and is named", async (context) => {
  const home = await recordingsHome(context);
  await home.add(`reviewer0/${FIRST}`, { text: "x".repeat(1234), modifiedUnixMs: STARTED + 61_000 });
  const { io, ended } = home.run(["list"], { clock, terminal: { columns: 60, rows: 24 }, env: { NO_COLOR: "1" } });
  assert.equal(await ended, 0);
  assert.match(
    io.stdout.text,
    /^ID +AGENT +AGE +LENGTH +STATE\n.* finished\n1 recording, 1\.2 kB\. Not shown: SIZE \(--wide\)\.\n$/,
  );
});
