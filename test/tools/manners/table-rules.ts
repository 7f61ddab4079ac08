import { FORBIDDEN_EDGES, GUARDED_BUILTINS, ROOMS, reasonAgainst } from "./room-table.ts";
import type { Workspace } from "./workspace.ts";

/** Reports where the table of rooms and the folders in `packages/` are not the same rooms. */
export function roomProblems({ rooms }: Workspace): string[] {
  const named = new Set([
    ...Object.keys(ROOMS),
    ...FORBIDDEN_EDGES.flatMap(({ from, to }) => [from, to]).filter((name) => name !== "*"),
  ]);
  return [
    ...rooms.filter((room) => ROOMS[room] === undefined).map((room) => `packages/${room}: is not in the table of rooms`),
    ...[...named].filter((room) => !rooms.includes(room)).map((room) => `the rules name the room ${room}, which is gone`),
  ];
}

/** Reports edges that are neither allowed nor forbidden for a reason, and reasons that no edge needs. */
export function reasonProblems(): string[] {
  const rooms = Object.keys(ROOMS);
  const forbidden = rooms.flatMap((from) =>
    rooms.filter((to) => to !== from && !ROOMS[from]?.mayImport.includes(to)).map((to) => ({ from, to })),
  );
  const unexplained = forbidden.filter(({ from, to }) => reasonAgainst(from, to) === undefined);
  const used = new Set(forbidden.map(({ from, to }) => reasonAgainst(from, to)));
  const unknownBuiltins = Object.values(ROOMS).flatMap(({ builtins }) =>
    builtins === "none" ? [] : builtins.filter((name) => GUARDED_BUILTINS[name] === undefined),
  );
  return [
    ...unexplained.map(({ from, to }) => `${from} may not import ${to}, and no rule says why`),
    ...FORBIDDEN_EDGES.filter(({ reason }) => !used.has(reason)).map(({ from, to }) => `no edge needs the rule ${from} -> ${to}`),
    ...unknownBuiltins.map((name) => `node:${name} is granted, and nothing guards it`),
  ];
}

/** Reports rooms of which docs/architecture.md tells something else than the table does. */
export function documentedTableProblems({ files }: Workspace): string[] {
  const text = files.get("docs/architecture.md") ?? "";
  const rows = [...text.matchAll(/^\| `packages\/([a-z-]+)` \|[^|]*\|([^|]*)\|$/gm)];
  const documented = new Map(
    rows.map(([, room = "", list = ""]) => [room, (list.match(/[a-z]+/g) ?? []).filter((word) => word in ROOMS)]),
  );
  return Object.entries(ROOMS).flatMap(([room, { mayImport }]) => {
    const told = documented.get(room)?.toSorted().join(", ");
    const wanted = mayImport.toSorted().join(", ");
    return told === wanted
      ? []
      : [`docs/architecture.md: says that ${room} may import "${told ?? "(no such row)"}", not "${wanted}"`];
  });
}

interface BiomeOverride {
  readonly includes: readonly string[];
  readonly linter?: { readonly rules?: { readonly style?: { readonly noRestrictedImports?: RestrictedImports } } };
}
interface RestrictedImports {
  readonly options?: { readonly patterns?: readonly { readonly group: readonly string[] }[] };
}

/** Reports rooms for which biome.json restricts imports otherwise than the table does. It says the same in an editor, early. */
export function linterTableProblems({ files }: Workspace): string[] {
  const { overrides }: { overrides: readonly BiomeOverride[] } = JSON.parse(files.get("biome.json") ?? '{ "overrides": [] }');
  return Object.entries(ROOMS).flatMap(([room, { mayImport, builtins }]) => {
    const override = overrides.find(({ includes }) => includes.includes(`packages/${room}/src/**`));
    const groups = (override?.linter?.rules?.style?.noRestrictedImports?.options?.patterns ?? []).flatMap(({ group }) => group);
    const allowed = groups.flatMap((pattern) => /^!@mosaic\/([a-z]+)$/.exec(pattern)?.[1] ?? []);
    const isProcessFree = groups.includes("node:child_process") || groups.includes("node:*");
    const problems =
      allowed.toSorted().join() === mayImport.toSorted().join() ? [] : [`biome.json: lets ${room} import ${allowed.join(", ")}`];
    if (isProcessFree !== !builtins.includes("child_process"))
      problems.push(`biome.json: is of another mind on node:child_process in ${room}`);
    return problems;
  });
}
