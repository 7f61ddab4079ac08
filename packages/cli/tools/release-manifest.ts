import { SCHEMA_VERSION as DATABASE_FORMAT } from "../../store/src/postgres/schema.ts";
import { SCHEMA_VERSION as MESSAGES_FORMAT } from "../../store/src/sqlite/schema.ts";
import { BUNDLES } from "./build-stamp.ts";

/** The name under which Mosaic is published, see docs/adr/0014. */
export const RELEASE_NAME = "mosaic-fleet";

/** The newest formats of stores that this version can read, by name. Written into the package, so that a rollback can tell what an older
 *  version could not read (docs/adr/0033). `membership` is the number in `mosaic.membership.v1`. */
const STORE_FORMATS = { messages: MESSAGES_FORMAT, membership: 1, database: DATABASE_FORMAT } as const;

/** What of the clone's own package.json goes into the published one. */
export interface RootManifest {
  readonly description: string;
  readonly license: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

/** The package.json of the published package. npm puts the man pages where `man` finds them. It depends on nothing but, where the platform has one in npm, on the Node that
 *  it runs on: all else is bundled. It has no scripts, so that installing it runs nothing. */
export function releaseManifest(
  root: RootManifest,
  version: string,
  manPages: readonly string[],
): Readonly<Record<string, unknown>> & { readonly optionalDependencies: Readonly<Record<string, string>> } {
  return {
    name: RELEASE_NAME,
    version,
    description: root.description,
    license: root.license,
    keywords: ["agents", "fleet", "tmux", "grpc", "connect"],
    type: "module",
    bin: Object.fromEntries(Object.keys(BUNDLES).map((name) => [name, `bin/${name}.mjs`])),
    man: manPages.map((name) => `man/${name}`),
    files: ["bin", "dist", "framework", "man", "CHANGELOG.md", "THIRD-PARTY-NOTICES.md"],
    engines: root.engines,
    mosaic: { formats: STORE_FORMATS },
    optionalDependencies: nodeOnly(root.optionalDependencies),
  };
}

/** The text of the published package's launcher of one program. Differs from a clone's: there is no source beside it. */
export function launcherText(program: string): string {
  return `#!/usr/bin/env node
import { launch } from "./launch.mjs";

const bundle = new URL("../dist/${program}.mjs", import.meta.url);
await launch({ bundle, source: bundle });
`;
}

function nodeOnly(dependencies: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(dependencies).filter(([name]) => name.startsWith("node-")));
}
