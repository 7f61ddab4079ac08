import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runToEnd } from "../mesh/run-program.ts";

const root = join(import.meta.dirname, "../..");
const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LANG: "C.UTF-8", PYTHONDONTWRITEBYTECODE: "1" };

/** The Python that can run the client: MOSAIC_TEST_PYTHON, else the one in .cache, else the system's. Undefined: none has
 *  what it takes. */
export function findPython(): string | undefined {
  const named = process.env["MOSAIC_TEST_PYTHON"];
  const own = join(root, ".cache/python/bin/python");
  const candidates = named ? [named] : [...(existsSync(own) ? [own] : []), "python3"];
  const modules = "import grpc, grpc_tools, grpc_health.v1, grpc_reflection.v1alpha";
  return candidates.find((python) => spawnSync(python, ["-c", modules], { env }).status === 0);
}

/** What to do where {@link findPython} finds none. */
export const HOW_TO_GET_PYTHON =
  "needs a Python with gRPC: python3 -m venv .cache/python && .cache/python/bin/pip install -r test/conformance/requirements.txt";

/** The client of client.py. Disposing removes the code that was generated for it. */
export interface PythonClient extends AsyncDisposable {
  /** Calls a command of client.py.
   *  @param target as grpcio takes it: `unix:/path` or `127.0.0.1:8787`
   *  @throws AssertionError with Python's own words when it fails for another reason than the call */
  call<T>(target: string, command: string, request?: object): Promise<T>;
}

/** Generates Python code from proto/ into a temporary folder. */
export async function pythonClient(python: string): Promise<PythonClient> {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-python-"));
  const protos = globSync(["mosaic/fleet/v1/*.proto", "buf/validate/*.proto"], { cwd: join(root, "proto") });
  const out = [`--python_out=${folder}`, `--grpc_python_out=${folder}`];
  const made = await runToEnd([python, "-m", "grpc_tools.protoc", "-I", join(root, "proto"), ...out, ...protos], { env });
  assert.equal(made.exitCode, 0, made.stderr);
  return {
    async call<T>(target: string, command: string, request: object = {}) {
      const script = join(import.meta.dirname, "client.py");
      const end = await runToEnd([python, script, folder, target, command], { env, stdin: JSON.stringify(request) });
      assert.equal(end.exitCode, 0, end.stderr);
      return JSON.parse(end.stdout) as T;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
