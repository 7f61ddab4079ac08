import assert from "node:assert/strict";
import { test } from "node:test";
import { SECRET_FORMATS } from "./secret-formats.ts";

// Put together here, so that no scanner of secrets takes this file for a leak.
const join = (...parts: string[]) => parts.join("");
const A36 = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
const PEM = (kind: string) => join("-----BEGIN ", kind, "PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END ", kind, "PRIVATE KEY-----");

/** Format, what it finds, and what looks like it and is none. */
const CASES: readonly [string, readonly string[], readonly string[]][] = [
  [
    "aws",
    [join("AKIA", "IOSFODNN7EXAMPLE"), join("key=ASIA", "ABCDEFGHIJKLMNOP", ".")],
    ["AKIA", "AKIAIOSFODNN7EXAMPL", "XAKIAIOSFODNN7EXAMPLE", "akiaiosfodnn7example", "AKIAIOSFODNN7EXAMPLEX"],
  ],
  [
    "github",
    [join("ghp_", A36), join("(ghs_", A36, ")"), join("github_pat_", A36)],
    ["ghp_short", join("xghp_", A36), "ghp_", "github_pat_x", "github_patterns"],
  ],
  [
    "slack",
    [join("xoxb-", "123456789012-abcdefABCDEF"), join("https://hooks.slack.com/", "services/T0001/B0001/abcdefABCDEF0123")],
    ["xoxb-", "foxoxb-123456789012", "https://hooks.slack.com/help", "xox-1234567890123"],
  ],
  [
    "private-key",
    [PEM(""), PEM("RSA "), PEM("OPENSSH "), join("-----BEGIN EC ", "PRIVATE KEY-----\nbroken off")],
    ["-----BEGIN PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----", "BEGIN PRIVATE KEY", "a PRIVATE KEY-----"],
  ],
  [
    "jwt",
    [join("eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.", "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P")],
    ["eyJhbGciOiJIUzI1NiJ9", "eyJ.eyJ.x", "a.b.c", join("eyJhbGciOiJIUzI1NiJ9", ".notjson.", "dozjgNryP4J3jVmNHl0w5N")],
  ],
  [
    "model-api",
    [join("sk-ant-api03-", A36), join("sk-proj-", A36)],
    ["sk-short", "task-force-of-the-ministry-of-silly-walks", "sk-"],
  ],
  [
    "assignment",
    [
      `API_KEY="${A36}"`,
      `password: ${A36.slice(0, 20)}`,
      `"client_secret": "${A36}"`,
      `export AWS_SECRET_ACCESS_KEY=${A36}0123`,
      `token => '${A36}'`,
    ],
    [
      "token: process.env.GITHUB_TOKEN_2",
      "password = correct-horse-battery-staple",
      join("secret: $", "{SECRET}"),
      "api_key=your-api-key-goes-here-2024",
      "tokens: 12345678901234567890",
      "the secret of a good sentence is brevity",
      "password=aaaaaaaaaaaa1aaaaaaaaaaa",
      "accessKeyId: AccessKeyIdentifierOfTheUser",
      `commit: ${A36}`,
    ],
  ],
];

for (const [format, secrets, lookAlikes] of CASES)
  test(`${format}: secrets are found, look-alikes are not`, () => {
    const find = SECRET_FORMATS[format] ?? assert.fail(format);
    for (const secret of secrets) {
      assert.equal(find(secret).length, 1, secret);
      assert.equal(find(`before\n${secret}\nafter ${secret}`).length, 2, secret);
    }
    for (const lookAlike of lookAlikes) assert.deepEqual(find(`say ${lookAlike} now`), [], lookAlike);
  });

test("every format is tested", () => {
  assert.deepEqual(CASES.map(([format]) => format).sort(), Object.keys(SECRET_FORMATS).sort());
});

test("a whole private key is found, with what stands in it", () => {
  const text = `before ${PEM("RSA ")} after`;
  const [range] = SECRET_FORMATS["private-key"]?.(text) ?? [];
  assert.equal(text.slice(range?.start, range?.end), PEM("RSA "));
});

test("of an assignment the value alone is found", () => {
  const text = `API_KEY="${A36}"`;
  const [range] = SECRET_FORMATS["assignment"]?.(text) ?? [];
  assert.equal(text.slice(range?.start, range?.end), A36);
});

test("no text of the largest size takes long, however it is made", () => {
  const pieces = [
    "eyJ",
    "eyJ-",
    "eyJa.",
    "a.eyJ",
    "sk-",
    "sk-a-",
    "ghp_",
    "xoxb-",
    "AKIA",
    "token",
    "token ",
    "password=",
    "-----BEGIN ",
    "-----BEGIN A A A PRIVATE KEY-----",
    "aA1",
    "secret_",
    '":',
    "=",
  ];
  for (const piece of pieces) {
    const text = piece.repeat(Math.ceil(262_144 / piece.length)).slice(0, 262_144);
    for (const [format, find] of Object.entries(SECRET_FORMATS)) {
      const startMs = performance.now();
      find(text);
      const tookMs = performance.now() - startMs;
      // A hundred times what it takes: only what grows with more than the length is meant.
      assert.ok(tookMs < 2000, `${format} took ${tookMs} ms for ${piece}`);
    }
  }
});
