import assert from "node:assert/strict";
import type { ListResponse } from "@mosaic/wire";
import { eventually } from "../../eventually.ts";
import { list, refusal, rowTexts } from "../case-tools.ts";
import type { ContractCase, ContractContext } from "../contract-case.ts";

async function allPages(
  context: ContractContext,
  request: { pageSize: number; selector?: { tenantIds: string[]; hosts: string[] } },
): Promise<ListResponse[]> {
  const pages: ListResponse[] = [];
  let pageToken = "";
  do {
    const page = await list(context, { ...request, pageToken });
    pages.push(page);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return pages;
}

/** What List promises of pages. */
export const pagingCases: readonly ContractCase[] = [
  {
    name: "pages to the end hold the rows of one page, each once, and every host on each page",
    async run(context) {
      const whole = await list(context);
      for (const pageSize of [1, 2, 3, whole.agents.length]) {
        const pages = await allPages(context, { pageSize });
        assert.deepEqual(rowTexts(pages.flatMap((page) => page.agents)), rowTexts(whole.agents), `in pages of ${pageSize}`);
        assert.equal(pages.length, Math.ceil(whole.agents.length / pageSize));
        for (const page of pages) {
          assert.equal(page.hosts.length, context.hosts.length);
          assert.equal(page.inconsistentContinue, false);
        }
      }
    },
  },
  {
    name: "a later page is of the instant of the first one, whatever happened since",
    async run(context) {
      const [alpha] = context.hosts;
      const first = await list(context, { pageSize: 1 });
      assert.equal(first.agents[0]?.name, "coder-alpha");
      alpha.removeAgent("coder-alpha");
      await eventually("the row is gone", async () => (await list(context)).agents[0]?.name === "lead");
      const second = await list(context, { pageSize: 1, pageToken: first.nextPageToken });
      assert.deepEqual([second.agents[0]?.host, second.agents[0]?.name], ["alpha", "lead"]);
      assert.equal(second.inconsistentContinue, false);
      assert.equal(second.rev, first.rev, "of the same version");
      const again = await list(context, { pageSize: 1 });
      assert.notEqual(again.rev, first.rev);
    },
  },
  {
    name: "a page token that is no token, or of another selector, is refused with INVALID_ARGUMENT",
    async run(context) {
      const { nextPageToken } = await list(context, { pageSize: 1 });
      for (const pageToken of ["x", "[]", "null", "[1,2,3]", nextPageToken.slice(0, -2)]) {
        await refusal(list(context, { pageSize: 1, pageToken }), "USAGE");
      }
      await refusal(list(context, { pageSize: 1, pageToken: nextPageToken, selector: { names: ["lead"] } }), "USAGE");
    },
  },
  {
    name: "a list over a long selector can be continued",
    async run(context) {
      const hosts = [
        ...context.hosts.map((host) => host.host),
        ...Array.from({ length: 200 }, (_, index) => `a-host-with-a-long-name-${index}`),
      ];
      const pages = await allPages(context, { pageSize: 1, selector: { tenantIds: [], hosts } });
      assert.equal(pages.length, 2 * context.hosts.length);
    },
  },
];
