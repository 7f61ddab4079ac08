/** The manual as man pages, made from the command table. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Command } from "../../packages/cli/src/command.ts";
import { COMMANDS } from "../../packages/cli/src/command-table/command-table.ts";
import { manPages } from "../../packages/cli/tools/man-pages.ts";
import { roffText } from "../../packages/cli/tools/roff.ts";

/** All that pages are made of; groff and mandoc know each. */
const MACROS = new Set(["TH", "SH", "SS", "PP", "TP", "B", "BR", "RS", "RE", "nf", "fi", "nh", "ad"]);

/** A backslash and what follows it, where that prints one character or none. */
const ESCAPE = /\\(?:\((?:aq|ga|ha|ti|dq)|\[u[0-9A-F]{4,6}\]|[-e&])/g;

const DAEMON_HELP = "mosaic-x: serves\n\nusage: mosaic-x [flags]\n\n  --a   b\n\nexamples:\n  mosaic-x --a\n";

let pages: ReadonlyMap<string, string>;

before(() => {
  pages = manPages(COMMANDS, [DAEMON_HELP], "1.2.3");
});

describe("the man pages", () => {
  test("are mosaic.1, one for each first word of a command, and one for each daemon", () => {
    const nouns = new Set(COMMANDS.map(({ path }) => path[0]));
    assert.deepEqual([...pages.keys()], ["mosaic.1", ...[...nouns].map((noun) => `mosaic-${noun}.1`), "mosaic-x.1"]);
    assert.ok(pages.size > 20, `only ${pages.size}`);
  });

  test("have for each command its section, with every argument, flag and example of the table", () => {
    for (const command of COMMANDS) {
      const name = `mosaic ${command.path.join(" ")}`;
      const page = pages.get(`mosaic-${command.path[0]}.1`) ?? "";
      const section = page.split(/^\.S[HS] /m).filter((part) => part.startsWith(`"${roffText(name)}"\n`));
      assert.equal(section.length, 1, name);
      for (const part of partsOf(command)) assert.ok(printed(section[0] ?? "").includes(part), `${name}: ${part}`);
      assert.ok((pages.get("mosaic.1") ?? "").includes(`.B "${roffText(name)}"\n`), name);
    }
  });

  test("are well-formed: ASCII, known macros and escapes only, blocks closed, no line that is taken for a request", () => {
    for (const [name, page] of pages) assert.deepEqual(problemsOf(page), [], name);
  });

  test("have a daemon's help line by line", () => {
    const page = printed(pages.get("mosaic-x.1") ?? "");
    assert.match(page, /^\.SH "NAME"\nmosaic-x - serves$/m);
    assert.match(page, /\n\.nf\nusage: mosaic-x \[flags\]\n\n {2}--a {3}b\n\nexamples:\n {2}mosaic-x --a\n\.fi\n/);
    assert.match(pages.get("mosaic.1") ?? "", /^\.BR mosaic\\-x \(1\)$/m);
  });

  test("begin as apropos wants it, and say which Mosaic they are of", () => {
    const [head, , , heading, line] = (pages.get("mosaic-fleet.1") ?? "").split("\n");
    assert.equal(head, '.TH "MOSAIC\\-FLEET" 1 "" "Mosaic 1.2.3" "Mosaic"');
    assert.equal(heading, '.SH "NAME"');
    assert.match(line ?? "", /^mosaic\\-fleet \\- commands of mosaic: ps, init, /);
  });
});

test("text that looks like roff is printed as it is", () => {
  assert.equal(roffText(".TH is no title"), "\\&.TH is no title");
  assert.equal(roffText("'it's"), "\\(aqit\\(aqs");
  assert.equal(roffText("a\\nb --x ~/c ^ `d` …"), "a\\enb \\-\\-x \\(ti/c \\(ha \\(gad\\(ga \\[u2026]");
  assert.deepEqual(problemsOf(`${roffText(".so /etc/passwd\n.\n'br")}\n`), []);
});

test("what would be taken for a request, or is no escape, is found by these very checks", () => {
  assert.deepEqual(problemsOf(".so /etc/passwd\n"), ["1: .so /etc/passwd"]);
  assert.deepEqual(problemsOf("a \\fB b\n'c\n…\n"), ["1: a \\fB b", "2: 'c", "3: …"]);
  assert.deepEqual(problemsOf(".nf\n"), ["nf is not closed by fi"]);
});

/** What of a command must stand in its section. */
function partsOf({ description, args, flags, examples, schema }: Command): string[] {
  const texts = [...args.map(({ help }) => help), ...flags.flatMap(({ name, help }) => [`--${name}`, help]), schema ?? ""];
  return [...description.split("\n\n"), ...texts, ...examples.flatMap(({ line, does }) => [line, `# ${does}`])];
}

/** The text as a reader sees it, but for its layout. */
function printed(roff: string): string {
  const characters: Readonly<Record<string, string>> = {
    aq: "'",
    ga: "`",
    ha: "^",
    ti: "~",
    dq: '"',
    e: "\\",
    "-": "-",
    "&": "",
  };
  return roff.replace(ESCAPE, (written) => {
    const code = /^\\\[u([0-9A-F]+)\]$/.exec(written)?.[1];
    return code === undefined
      ? (characters[written.replace(/^\\\(?/, "")] ?? written)
      : String.fromCodePoint(Number.parseInt(code, 16));
  });
}

function problemsOf(page: string): string[] {
  const lines = page.split("\n").slice(0, -1);
  const wrong = lines.flatMap((line, index) => (isWellFormed(line) ? [] : [`${index + 1}: ${line}`]));
  const count = (macro: string) => lines.filter((line) => line === `.${macro}` || line.startsWith(`.${macro} `)).length;
  const pairs = [
    ["nf", "fi"],
    ["RS", "RE"],
  ] as const;
  return [
    ...wrong,
    ...pairs.flatMap(([open, close]) => (count(open) === count(close) ? [] : [`${open} is not closed by ${close}`])),
  ];
}

function isWellFormed(line: string): boolean {
  const macro = /^\.(\S+)/.exec(line)?.[1];
  const isText = /^[^.']/.test(line);
  return (
    (isText || (macro !== undefined && MACROS.has(macro))) &&
    /^[\x20-\x7e]+$/.test(line) &&
    !line.replace(ESCAPE, "").includes("\\")
  );
}
