import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MosaicError } from "@mosaic/core/light";
import { type RunTool, toolFailure } from "../local/run-tool.ts";
import { isVersion, PACKAGE_NAME } from "./layout.ts";

/** What of the package.json of a published package counts here. */
export interface PackageManifest {
  readonly version: string;
  /** The Node that comes with it, by package name. */
  readonly nodes: Readonly<Record<string, string>>;
  /** The formats of what it keeps, by name: the newest that it can read. Empty: it does not say. */
  readonly formats: Readonly<Record<string, number>>;
}

const READ_MS = 30_000;

/** Reads the manifest of a tarball.
 *  @throws MosaicError INCOMPATIBLE when it is no package of Mosaic */
export async function manifestOfTarball(
  path: string,
  world: { readonly runTool: RunTool; readonly env: Readonly<Record<string, string | undefined>>; readonly signal: AbortSignal },
): Promise<PackageManifest> {
  const { runTool, env, signal } = world;
  const end = await runTool({ argv: ["tar", "-xzOf", path, "package/package.json"], env, signal, timeoutMs: READ_MS });
  if (end.exitCode !== 0) throw toolFailure(`${path} is no package of Mosaic`, end, "make one with: npm run pack");
  return parseManifest(end.stdout, path);
}

/** Reads the manifest of a package that is unpacked.
 *  @throws MosaicError INCOMPATIBLE */
export function manifestIn(packageFolder: string): PackageManifest {
  const path = join(packageFolder, "package.json");
  try {
    return parseManifest(readFileSync(path, "utf8"), path);
  } catch (thrown) {
    if (thrown instanceof MosaicError) throw thrown;
    throw new MosaicError("INCOMPATIBLE", `${packageFolder} is no package of Mosaic: ${(thrown as Error).message}`);
  }
}

function parseManifest(text: string, where: string): PackageManifest {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new MosaicError("INCOMPATIBLE", `${where} is no package of Mosaic: its package.json can't be read`, { cause });
  }
  const { name, version } = value;
  if (name !== PACKAGE_NAME || typeof version !== "string" || !isVersion(version)) {
    throw new MosaicError(
      "INCOMPATIBLE",
      `${where} is no package of Mosaic: it is ${JSON.stringify(name)} ${JSON.stringify(version)}`,
      {
        hint: `what is wanted is ${PACKAGE_NAME}-<version>.tgz`,
      },
    );
  }
  const optional = (value["optionalDependencies"] ?? {}) as Record<string, string>;
  const nodes = Object.fromEntries(Object.entries(optional).filter(([each]) => each.startsWith("node-")));
  const own = (value["mosaic"] ?? {}) as { formats?: Record<string, unknown> };
  const formats = Object.fromEntries(
    Object.entries(own.formats ?? {}).flatMap(([each, number]) => (typeof number === "number" ? [[each, number]] : [])),
  );
  return { version, nodes, formats };
}
