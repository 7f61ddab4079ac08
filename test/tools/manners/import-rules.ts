import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { type ScannedImport, scanImports } from "./import-scan.ts";
import { GUARDED_BUILTINS, ROOMS, reasonAgainst } from "./room-table.ts";
import { type RoomSource, roomSources, type Workspace } from "./workspace.ts";

/** Reports imports that the table of rooms does not allow. */
export function forbiddenImports(workspace: Workspace): string[] {
  return roomSources(workspace).flatMap((source) =>
    scanImports(source.text).flatMap((found) => {
      const problem = judge(source, found);
      return problem === undefined ? [] : [`${source.path}:${found.line}: ${problem}`];
    }),
  );
}

function judge(source: RoomSource, { specifier }: ScannedImport): string | undefined {
  const { room, name } = source;
  if (specifier === undefined) return "imports something computed, which nobody can follow";
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(name), specifier);
    return target.startsWith("..") ? `leaves its room by "${specifier}": import the other room by its name` : undefined;
  }
  const other = roomNamed(specifier);
  if (other !== undefined) return judgeRoom(source, other);
  if (!isBuiltin(specifier)) return undefined; // A library: packageProblems holds it against package.json.
  if (!specifier.startsWith("node:")) return `imports "${specifier}": write "node:${specifier}"`;
  return judgeBuiltin(room, specifier.slice("node:".length).split("/")[0] ?? "");
}

function judgeRoom({ room, name }: RoomSource, other: string): string | undefined {
  const rules = ROOMS[room];
  if (other === room) return "imports its own room by name: use the file's path";
  if (!rules?.mayImport.includes(other))
    return `${room} may not import ${other}: ${reasonAgainst(room, other) ?? "no such edge"}`;
  if (other === "host" && rules.adaptersBuiltIn?.test(name) === false) {
    return `imports host, which in ${room} only ${rules.adaptersBuiltIn.source} may: take a port instead`;
  }
  return undefined;
}

function judgeBuiltin(room: string, module: string): string | undefined {
  const allowed = ROOMS[room]?.builtins ?? "none";
  if (allowed === "none") return `${room} may not import node:${module}: it is pure, and takes what it needs as a port`;
  const reason = GUARDED_BUILTINS[module];
  if (reason !== undefined && !allowed.includes(module)) return `${room} may not import node:${module}: ${reason}`;
  return undefined;
}

/** Reports cycles of static imports between the files of a room. An `import()` may lead back: it is how one is cut. */
export function importCycles(workspace: Workspace): string[] {
  const sources = roomSources(workspace);
  const edges = new Map(sources.map((source) => [source.path, staticTargets(source)]));
  const done = new Set<string>();
  const problems: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) problems.push(`import cycle: ${[...trail.slice(at), path].join(" -> ")}`);
    if (at >= 0 || done.has(path)) return;
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return problems;
}

function staticTargets({ path, text }: RoomSource): string[] {
  return scanImports(text).flatMap(({ specifier, isDynamic }) =>
    !isDynamic && specifier?.startsWith(".") ? [posix.join(posix.dirname(path), specifier)] : [],
  );
}

/** Reports rooms whose package.json names other dependencies than the product's sources import. */
export function packageProblems(workspace: Workspace): string[] {
  const sources = roomSources(workspace);
  return workspace.rooms.flatMap((room) => {
    const imports = sources.filter((source) => source.room === room).flatMap((source) => scanImports(source.text));
    const used = new Set(imports.flatMap(({ specifier }) => packageNamed(specifier)));
    if (room === "wire") used.add("@bufbuild/protobuf").add("@bufbuild/protovalidate"); // Imported by the generated code.
    const declared = Object.keys(workspace.manifests[room]?.dependencies ?? {});
    return [
      ...declared.filter((name) => !used.has(name)).map((name) => `packages/${room}/package.json: ${name} is not imported`),
      ...[...used]
        .filter((name) => !declared.includes(name))
        .map((name) => `packages/${room}/package.json: ${name} is imported, not declared`),
    ];
  });
}

function packageNamed(specifier: string | undefined): string[] {
  if (specifier === undefined || specifier.startsWith(".") || isBuiltin(specifier)) return [];
  return [specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")];
}

function roomNamed(specifier: string): string | undefined {
  return /^@mosaic\/([^/]+)/.exec(specifier)?.[1];
}
