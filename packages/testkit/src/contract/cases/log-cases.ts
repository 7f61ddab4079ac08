import assert from "node:assert/strict";
import { LogLevel, type ReadLogResponse } from "@mosaic/wire";
import { refusal } from "../case-tools.ts";
import type { ContractCase, ContractContext } from "../contract-case.ts";

const alphaLog = { tenantId: "team-a", host: "alpha" };

const line = (level: number, msg: string) =>
  `${JSON.stringify({ level, time: 1_767_225_600_000, role: "node", msg, member: "x" })}\n`;

async function read({ client, signal }: ContractContext, request: object): Promise<ReadLogResponse[]> {
  const responses: ReadLogResponse[] = [];
  for await (const response of client.readLog(request, { signal })) responses.push(response);
  return responses;
}

const said = (responses: readonly ReadLogResponse[]) => responses.flatMap(({ lines }) => lines.map(({ message }) => message));

/** What ReadLog promises. */
export const logCases: readonly ContractCase[] = [
  {
    name: "ReadLog sends the last lines of a host's daemon that are bad enough, says whose they are, and ends",
    async run(context) {
      const [alpha] = context.hosts;
      for (const [level, msg] of [
        [30, "one"],
        [40, "two"],
        [50, "three"],
        [20, "four"],
      ] as const)
        alpha.logRing.add(line(level, msg));
      const responses = await read(context, { ...alphaLog, lines: 2, minLevel: LogLevel.WARN });
      assert.deepEqual(said(responses), ["two", "three"]);
      const { tenantId, host, id } = responses[0]?.source ?? {};
      assert.deepEqual([tenantId, host, id], ["team-a", "alpha", alpha.hostId]);
      assert.deepEqual(responses.filter(({ source }) => source).length, 1);
      assert.equal(responses.at(-1)?.caughtUp, true);
      assert.deepEqual(
        said(await read(context, { tenantId: "team-a", host: alpha.hostId, lines: 1 })),
        ["four"],
        "by its id, too",
      );
    },
  },
  {
    name: "ReadLog with follow sends lines as they are written, and goes on later where it was left",
    async run(context) {
      const [alpha] = context.hosts;
      alpha.logRing.add(line(30, "old"));
      const seen: string[] = [];
      let position: ReadLogResponse["position"];
      const call = new AbortController();
      const signal = AbortSignal.any([call.signal, context.signal]);
      for await (const response of context.client.readLog({ ...alphaLog, follow: true }, { signal })) {
        seen.push(...said([response]));
        position = response.position ?? position;
        if (response.caughtUp) alpha.logRing.add(line(30, "new"));
        if (seen.at(-1) === "new") break;
      }
      call.abort();
      assert.deepEqual(seen, ["old", "new"]);
      alpha.logRing.add(line(30, "while nobody listened"));
      const [more] = await read(context, { ...alphaLog, after: position });
      assert.deepEqual([said(more ? [more] : []), more?.missed, more?.restarted], [["while nobody listened"], 0n, false]);
    },
  },
  {
    name: "ReadLog is refused for hosts that there are not",
    async run(context) {
      await refusal(read(context, { tenantId: "team-a", host: "nowhere" }), "HOST_NOT_FOUND");
      await refusal(read(context, { tenantId: "team-z", host: "alpha" }), "HOST_NOT_FOUND");
      await refusal(read(context, { aggregatorId: "nobody" }), "HOST_NOT_FOUND");
      await refusal(read(context, { ...alphaLog, lines: 5001 }), "USAGE");
    },
  },
];
