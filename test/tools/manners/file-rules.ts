import { withoutComments } from "./import-scan.ts";
import { handWrittenCode, roomSources, type Workspace } from "./workspace.ts";

/** A file that wants more than this wants to be a folder. */
const maxLines = 350;

/** Users' homes that examples and tests may name. */
const exampleHomes = ["u", "ada", "mlab-a", "mlab", "the"];

/** Reports rooms that do not say what they are for: in package.json, and in the first line of their surface. */
export function purposeProblems({ rooms, manifests, files }: Workspace): string[] {
  return rooms.flatMap((room) => {
    const surface = [`packages/${room}/src/index.ts`, `packages/${room}/src/main.ts`].find((path) => files.has(path));
    const problems =
      (manifests[room]?.description ?? "").trim() === "" ? [`packages/${room}/package.json: has no description`] : [];
    if (surface === undefined) return [...problems, `packages/${room}: has no src/index.ts or src/main.ts`];
    const opening = (files.get(surface) ?? "").split("\n")[0] ?? "";
    if (!/^\/\*\* .{15,}/.test(opening)) problems.push(`${surface}:1: does not open with a doc comment that says its purpose`);
    return problems;
  });
}

/** Reports files that have grown too long. */
export function longFiles(workspace: Workspace): string[] {
  return handWrittenCode(workspace).flatMap(([path, text]) => {
    const lines = text.split("\n").length - 1;
    return lines > maxLines ? [`${path}: has ${lines} lines, more than ${maxLines}`] : [];
  });
}

/** Reports exports that hide a name: `export *`, which only the generated contract may use, and default exports. */
export function namelessExports(workspace: Workspace): string[] {
  return roomSources(workspace).flatMap(({ room, path, text }) => {
    const lines = withoutComments(text).split("\n");
    return lines.flatMap((line, index) => {
      if (/^export\s*\*/.test(line) && room !== "wire") return [`${path}:${index + 1}: export * hides what it exports`];
      return /^export\s+default\b|\bas default\b/.test(line)
        ? [`${path}:${index + 1}: a default export has no name to search for`]
        : [];
    });
  });
}

/** Reports paths that exist only on the machine where they were written. */
export function machinePaths({ files }: Workspace): string[] {
  const folders = ["home", "root", "work"].join("|");
  const pattern = new RegExp(`(?<![\\w.)}*-])/(?:${folders})/([\\w.-]+)`, "g");
  return [...files].flatMap(([path, text]) =>
    text.split("\n").flatMap((line, index) => {
      const found = [...line.matchAll(pattern)].filter(
        ([whole, next]) => !(whole.startsWith("/home/") && exampleHomes.includes(next ?? "")),
      );
      return found.map(([whole]) => `${path}:${index + 1}: names ${whole}, a path of one machine`);
    }),
  );
}
