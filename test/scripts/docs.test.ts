/** Holds the pages to the code: links lead somewhere, and every word that Mosaic says has its heading in the runbook. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, test } from "node:test";
import { ERROR_CODES } from "@mosaic/core";
import { HostStateSchema } from "@mosaic/wire";

const root = join(import.meta.dirname, "../..");
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...globSync("docs/**/*.md", { cwd: root }),
  ...globSync("framework/**/*.md", { cwd: root }),
]
  .filter((page) => existsSync(join(root, page)))
  .sort();

describe("the pages", () => {
  test("are there", () => assert.ok(pages.length > 15, `only ${pages.length}`));

  for (const page of pages) {
    test(`every link in ${page} leads somewhere`, () => {
      assert.deepEqual(
        linksIn(read(page)).flatMap((link) => problemOf(page, link) ?? []),
        [],
      );
    });
  }
});

describe("the runbook", () => {
  const headings = headingsByPart(read("docs/runbook.md"));

  test("has a heading for every state a host can be in, and no other", () => {
    const states = HostStateSchema.values
      .map((value) => value.name.replace("HOST_STATE_", ""))
      .filter((name) => name !== "UNSPECIFIED");
    assert.deepEqual(headings.get("Host states")?.toSorted(), states.toSorted());
  });

  test("has a heading for every condition that the code can report, and no other", () => {
    assert.deepEqual(headings.get("Conditions")?.toSorted(), conditionsInCode());
  });

  test("has a heading for every error code, and no other", () => {
    // A name that is a condition too would be one anchor for two things.
    const codes = headings.get("Error codes")?.map((heading) => heading.replace(/ \(error\)$/, ""));
    assert.deepEqual(codes?.toSorted(), Object.keys(ERROR_CODES).toSorted());
  });
});

describe("the decisions", () => {
  for (const page of pages.filter((path) => /^docs\/adr\/\d{4}-/.test(path))) {
    test(`${page} has its four parts, in order`, () => {
      const text = read(page);
      assert.match(text, new RegExp(`^# ${/\d{4}/.exec(page)?.[0]} `));
      const parts = [...text.matchAll(/^\*\*(Context|Decision|Alternatives|Consequences)\.\*\*/gm)].map((match) => match[1]);
      assert.deepEqual(parts, ["Context", "Decision", "Alternatives", "Consequences"]);
    });
  }
});

describe("these checks", () => {
  test("see what is wrong with a link", () => {
    assert.equal(problemOf("README.md", "docs/runbook.md#host-states"), undefined);
    assert.equal(problemOf("docs/runbook.md", "#stale"), undefined);
    assert.match(problemOf("README.md", "docs/nothing.md") ?? "", /there is no docs\/nothing\.md/);
    assert.match(problemOf("README.md", "docs/runbook.md#nothing") ?? "", /no heading for #nothing/);
    assert.match(problemOf("README.md", "/docs/runbook.md") ?? "", /not relative/);
  });

  test("find links in text, and not in code", () => {
    assert.deepEqual(linksIn('[a](b.md) `[c](d.md)` ![e](f.png "t")\n```\n[g](h.md)\n```\n[i]: j.md\n[k](https://x.test)'), [
      "b.md",
      "f.png",
      "j.md",
    ]);
  });
});

function read(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/** Targets of links that stay within the project. */
function linksIn(markdown: string): string[] {
  const text = markdown.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
  const links = [...text.matchAll(/\]\(\s*([^)\s]+)[^)]*\)/g), ...text.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)].map(
    (match) => match[1] ?? "",
  );
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

function problemOf(page: string, link: string): string | undefined {
  const [path = "", anchor] = link.split("#");
  if (path.startsWith("/")) return `${link}: not relative`;
  const target = path === "" ? join(root, page) : join(root, dirname(page), decodeURI(path));
  if (!existsSync(target)) return `${link}: there is no ${relative(root, target)}`;
  if (anchor === undefined || !target.endsWith(".md")) return undefined;
  return anchorsOf(readFileSync(target, "utf8")).has(anchor) ? undefined : `${link}: no heading for #${anchor} there`;
}

/** Anchors as the usual Markdown renderers make them of headings. */
function anchorsOf(markdown: string): Set<string> {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? "");
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** Second-level headings below each first-level one. */
function headingsByPart(markdown: string): Map<string, string[]> {
  const parts = new Map<string, string[]>();
  let part = "";
  for (const [, marks = "", heading = ""] of markdown.matchAll(/^(##?) (.+)$/gm)) {
    if (marks === "#") part = heading;
    parts.set(part, [...(parts.get(part) ?? []), ...(marks === "##" ? [heading] : [])]);
  }
  return parts;
}

/** Condition types are text in the contract, so that the code which makes them is their list. */
function conditionsInCode(): string[] {
  const files = globSync("packages/{core,node,aggregator}/src/**/*.ts", { cwd: root }).filter(
    (path) => !path.endsWith(".test.ts"),
  );
  const makers = files.map(read).filter((text) => text.includes("ConditionSchema"));
  const types = makers.flatMap((text) => [
    ...text.matchAll(/(?:\[\s*|\bcondition\()"([A-Z][A-Z_]+)",|\btype: "([A-Z][A-Z_]+)"/g),
  ]);
  return [...new Set(types.map((match) => match[1] ?? match[2] ?? ""))].sort();
}
