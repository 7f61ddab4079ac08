/** One import in a source file. */
export interface ScannedImport {
  readonly line: number;
  /** What is imported, as written; `undefined` when it is computed. */
  readonly specifier: string | undefined;
  readonly isDynamic: boolean;
}

// Every file passes the formatter, so a static import or export starts its line, and nothing but one can.
const staticImport = /^(?:import|export)\s(?:[^"'`;]*?\bfrom\s*)?["']([^"'\n]+)["']/gm;
const dynamicImport = /(?:\bimport|\brequire|\bimport\.meta\.resolve|\bgetBuiltinModule)\(\s*(?:(["'`])([^"'`$\n]*)\1\s*[,)])?/g;

/** Lists what a source file imports, types included: an edge in the types is an edge in the head of the reader. */
export function scanImports(text: string): ScannedImport[] {
  const code = withoutComments(text);
  const lineOf = (index: number) => code.slice(0, index).split("\n").length;
  return [
    ...[...code.matchAll(staticImport)].map((match) => ({ line: lineOf(match.index), specifier: match[1], isDynamic: false })),
    ...[...code.matchAll(dynamicImport)].map((match) => ({ line: lineOf(match.index), specifier: match[2], isDynamic: true })),
  ];
}

/** Empties comments that have their lines to themselves, keeping the count of lines. One behind code may stay: the worst it
 *  can do is to name an import that isn't there, and be reported. */
export function withoutComments(text: string): string {
  const blank = (comment: string) => comment.replaceAll(/[^\n]/g, "");
  return text.replaceAll(/^[ \t]*\/\*[\s\S]*?\*\//gm, blank).replaceAll(/^[ \t]*\/\/.*$/gm, "");
}
