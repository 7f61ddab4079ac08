/** A trace collector whose name can't be found: the lookup is a thread's, and a process that ends waits for its threads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { daemonHome } from "../mesh/daemon-home.ts";
import { tellAll } from "../mesh/tell-all.ts";

/** Holds the only thread there is, for a minute, as a lookup does that no name server answers. */
const holdThread = `import { pbkdf2 } from "node:crypto"; pbkdf2("a", "b", 2 ** 31 - 1, 64, "sha512", () => {});`;

test(
  "a command ends with its exit code while its collector's name is looked up in vain",
  { timeout: 60_000 },
  tellAll(async () => {
    await using home = await daemonHome({
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.invalid:4318",
        UV_THREADPOOL_SIZE: "1",
        NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(holdThread)}`,
      },
    });
    const { exitCode, durationMs } = await home.mosaic("message", "show", "no-such-message");
    assert.ok(exitCode !== undefined && exitCode !== 0, `it ended with ${exitCode}`);
    assert.ok(durationMs < 30_000, `it took ${durationMs} ms`);
  }),
);
