import assert from "node:assert/strict";
import { test } from "node:test";
import { servePlainHttp } from "./serve-plain-http.ts";

const answer: Parameters<typeof servePlainHttp>[0]["answer"] = (_request, response) => void response.end("hello");

test("a front for another protocol answers on loopback, and is gone when it is disposed", async () => {
  const server = await servePlainHttp({ hostname: "127.0.0.1", port: 0, answer });
  const url = `http://127.0.0.1:${server.port}/`;
  assert.equal(await (await fetch(url)).text(), "hello");
  await server[Symbol.asyncDispose]();
  await assert.rejects(fetch(url));
});

test("it listens nowhere else, and says by name that an address is taken", async () => {
  for (const hostname of ["0.0.0.0", "192.0.2.1", "example.test", "::"])
    await assert.rejects(servePlainHttp({ hostname, port: 0, answer }), { code: "NOT_ALLOWED" }, hostname);
  await using first = await servePlainHttp({ hostname: "127.0.0.1", port: 0, answer });
  await assert.rejects(servePlainHttp({ hostname: "127.0.0.1", port: first.port, answer }), {
    code: "MACHINE",
    message: /cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/,
    hint: /--listen/,
  });
});
