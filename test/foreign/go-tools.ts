import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runToEnd } from "../mesh/run-program.ts";

const root = join(import.meta.dirname, "../..");
const cache = join(root, ".cache/go");
const bin = join(cache, "bin");
/** What docs/clients/go/go.mod asks for. */
const LEAST = [1, 24] as const;

/** What the tests build beside the client, each with its version. */
const TOOLS = {
  "protoc-gen-go": "google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12",
  "protoc-gen-go-grpc": "google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2",
  grpcurl: "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3",
} as const;

/** The Go that MOSAIC_TEST_GO names, when it can build the client. Never by itself: what it builds takes minutes and 1 GB. */
export function findGo(): string | undefined {
  const go = process.env["MOSAIC_TEST_GO"] ?? "";
  if (go === "") return undefined;
  const { stdout, status } = spawnSync(go, ["env", "GOVERSION"], { encoding: "utf8", env: goEnv() });
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(stdout ?? "") ?? [];
  const isNewEnough = Number(major) > LEAST[0] || (Number(major) === LEAST[0] && Number(minor) >= LEAST[1]);
  return status === 0 && isNewEnough ? go : undefined;
}

/** What to do where {@link findGo} finds none. */
export const HOW_TO_GET_GO = `MOSAIC_TEST_GO=go runs it, with Go ${LEAST.join(".")} or later (https://go.dev/dl): minutes, and 1 GB in .cache/go`;

/** Builds a tool of Go's, unless it is there.
 *  @returns its path */
export async function goTool(go: string, name: keyof typeof TOOLS): Promise<string> {
  const path = join(bin, name);
  if (await isMadeFrom(path, TOOLS[name])) return path;
  await mkdir(bin, { recursive: true });
  await runGo([go, "install", TOOLS[name]], root);
  await writeFile(`${path}.made-from`, TOOLS[name]);
  return path;
}

/** Generates the contract's Go code and builds docs/clients/go.
 *  @returns the client's path */
export async function goClient(go: string): Promise<string> {
  await Promise.all([goTool(go, "protoc-gen-go"), goTool(go, "protoc-gen-go-grpc")]);
  const folder = join(cache, "client");
  await rm(folder, { recursive: true, force: true });
  await cp(join(root, "docs/clients/go"), folder, { recursive: true });
  const buf = join(root, "node_modules/.bin/buf");
  const template = join(root, "docs/clients/go/buf.gen.yaml");
  const env = { ...goEnv(), PATH: `${bin}:${goEnv().PATH}` };
  const made = await runToEnd([process.execPath, buf, "generate", "proto", "--template", template, "--output", folder], {
    env,
    cwd: root,
  });
  assert.equal(made.exitCode, 0, made.stderr);
  await runGo([go, "build", "-o", "fleet-client", "."], folder);
  return join(folder, "fleet-client");
}

async function isMadeFrom(path: string, wanted: string): Promise<boolean> {
  if (!existsSync(path) || !existsSync(`${path}.made-from`)) return false;
  return (await readFile(`${path}.made-from`, "utf8")) === wanted;
}

async function runGo(argv: readonly [string, ...string[]], cwd: string): Promise<void> {
  const end = await runToEnd(argv, { env: goEnv(), cwd, timeoutMs: 600_000 });
  assert.equal(end.exitCode, 0, `${argv.join(" ")}\n${end.stderr}`);
}

/** What is built and fetched stays within the clone; Go itself is not fetched. */
function goEnv(): Record<string, string> & { readonly PATH: string } {
  const { PATH = "/usr/bin:/bin", HOME = "/", GOPROXY, HTTPS_PROXY, https_proxy } = process.env;
  const given = Object.fromEntries(
    Object.entries({ GOPROXY, HTTPS_PROXY, https_proxy }).filter(([, value]) => value !== undefined),
  );
  return {
    ...given,
    PATH,
    HOME,
    GOBIN: bin,
    GOCACHE: join(cache, "build"),
    GOMODCACHE: join(cache, "mod"),
    GOTOOLCHAIN: "local",
    GOFLAGS: "-modcacherw",
  };
}
