import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "../errors.ts";
import { formatEndpoint, isLoopback, parseEndpoint } from "./endpoint.ts";

test("Unix sockets and loopback addresses are endpoints, in each of their forms", () => {
  const unix = { kind: "unix", path: "/run/user/1000/node.sock" };
  for (const text of ["/run/user/1000/node.sock", "unix:/run/user/1000/node.sock", "unix:///run/user/1000/node.sock"]) {
    assert.deepEqual(parseEndpoint(text), unix, text);
  }
  for (const text of ["127.0.0.1:8787", "http://127.0.0.1:8787", "http://127.0.0.1:8787/"]) {
    assert.deepEqual(parseEndpoint(text), { kind: "tcp", hostname: "127.0.0.1", port: 8787 }, text);
  }
  assert.deepEqual(parseEndpoint("[::1]:80"), { kind: "tcp", hostname: "::1", port: 80 });
  assert.deepEqual(parseEndpoint("localhost:0"), { kind: "tcp", hostname: "localhost", port: 0 });
});

test("with TLS any address is an endpoint", () => {
  assert.deepEqual(parseEndpoint("https://alpha.example.org:8443"), { kind: "tls", hostname: "alpha.example.org", port: 8443 });
  assert.deepEqual(parseEndpoint("https://[2001:db8::1]:8443/"), { kind: "tls", hostname: "2001:db8::1", port: 8443 });
  assert.deepEqual(parseEndpoint("https://0.0.0.0:0"), { kind: "tls", hostname: "0.0.0.0", port: 0 });
});

test("what is written is what was parsed", () => {
  for (const text of [
    "unix:/a b/c.sock",
    "http://127.0.0.1:8787",
    "http://[::1]:80",
    "http://localhost:65535",
    "https://[::1]:8443",
    "https://a.b:1",
  ]) {
    assert.equal(formatEndpoint(parseEndpoint(text)), text);
  }
});

test("anything else is no endpoint", () => {
  const texts = [
    "",
    "8787",
    ":8787",
    "127.0.0.1",
    "127.0.0.1:",
    "127.0.0.1:65536",
    "127.0.0.1:x",
    "unix:",
    "unix:relative.sock",
    "https://127.0.0.1",
    "ftp://127.0.0.1:1",
    "http://127.0.0.1:1/path",
    "a b:1",
    "127.0.0.1:1\n",
  ];
  for (const text of texts) {
    assert.throws(
      () => parseEndpoint(text),
      (thrown) => thrown instanceof MosaicError && thrown.code === "USAGE" && thrown.hint !== undefined,
      JSON.stringify(text),
    );
  }
});

test("plain text to another machine is refused, whatever it calls itself", () => {
  const names = [
    "10.0.0.1",
    "example.org",
    "127.0.0.1.example.org",
    "localhost.example.org",
    "0.0.0.0",
    "[::2]",
    "[::ffff:10.0.0.1]",
    "128.0.0.1",
  ];
  for (const name of names) {
    assert.throws(
      () => parseEndpoint(`${name}:80`),
      (thrown) => thrown instanceof MosaicError && thrown.code === "NOT_ALLOWED",
      name,
    );
    assert.equal(isLoopback(name), false, name);
  }
});
