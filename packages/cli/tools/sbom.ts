import { createHash } from "node:crypto";

/** What of an entry of package-lock.json goes into the bill. */
export interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  /** As in Subresource Integrity: `sha512-<base64>`. */
  readonly integrity?: string;
}

export interface SbomInput {
  readonly release: { readonly name: string; readonly version: string; readonly description: string; readonly license: string };
  /** The `packages` of package-lock.json, by folder. */
  readonly locked: Readonly<Record<string, LockedPackage>>;
  /** Folders of the packages whose code is bundled, as the lock file names them. */
  readonly bundled: readonly string[];
  /** Those of the packages that npm installs besides where they fit the machine. */
  readonly optional: readonly string[];
}

/** Writes the bill of materials of a release as CycloneDX 1.5: every package whose code is in the bundles, no other of the many
 *  in the lock file, and the Node that npm installs with it. It has no date, and its serial number is made from its content: the
 *  same sources make the same bill. `npm sbom` tells of all that is locked; with --omit=dev npm 11 leaves out some of what is
 *  bundled (yaml, zod).
 *  @throws Error for a package that the lock file doesn't name, or names without version, licence or hash */
export function sbomText({ release, locked, bundled, optional }: SbomInput): string {
  const ref = `${release.name}@${release.version}`;
  const all = [
    ...bundled.map((folder) => componentOf(folder, locked, "required")),
    ...optional.map((folder) => componentOf(folder, locked, "optional")),
  ];
  // One version may lie in several folders.
  const components = [...new Map(all.map((component) => [component["bom-ref"], component])).values()];
  const purl = purlOf(release.name, release.version);
  const { name, version, description } = release;
  const component = {
    "bom-ref": ref,
    type: "application",
    name,
    version,
    description,
    purl,
    licenses: licencesOf(release.license),
  };
  const content = {
    metadata: { lifecycles: [{ phase: "build" }], component },
    components,
    // Who of them needs whom is not told: in a bundle nobody can be exchanged alone.
    dependencies: [{ ref, dependsOn: components.map((each) => each["bom-ref"]) }],
  };
  const head = {
    $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
    version: 1,
  };
  return `${JSON.stringify({ ...head, ...content }, null, 2)}\n`;
}

function componentOf(folder: string, locked: SbomInput["locked"], scope: "required" | "optional") {
  const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
  const { version, license, integrity } = locked[folder] ?? {};
  if (version === undefined || license === undefined || integrity === undefined) {
    throw new Error(`cannot bill ${folder}: package-lock.json names no version, licence or hash of it; type: npm install`);
  }
  const [algorithm = "", hash = ""] = integrity.split("-", 2);
  const hashes = [{ alg: algorithm.replace(/^sha/, "SHA-"), content: Buffer.from(hash, "base64").toString("hex") }];
  const purl = purlOf(name, version);
  return { "bom-ref": `${name}@${version}`, type: "library", name, version, scope, hashes, licenses: licencesOf(license), purl };
}

// One licence may go by its id; several, joined by OR or AND, are an expression.
function licencesOf(licence: string) {
  return [/\s/.test(licence) ? { expression: licence } : { license: { id: licence } }];
}

function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** A name-based UUID (RFC 9562, version 8) of a text. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
