import assert from "node:assert/strict";
import { create, type MessageInitShape, toJsonString } from "@bufbuild/protobuf";
import { type ErrorCode, FleetLog, MosaicError, serveWatch } from "@mosaic/core";
import { fromConnectError } from "@mosaic/rpc";
import {
  type Agent,
  AgentSchema,
  type DeliveryState,
  type ListRequestSchema,
  type ListResponse,
  type SendResponse,
  WatchRequestSchema,
} from "@mosaic/wire";
import { aHostStatus } from "../builders.ts";
import { eventually } from "../eventually.ts";
import { FakeClock } from "../fake-clock.ts";
import type { ContractContext } from "./contract-case.ts";
import { WatchReader } from "./watch-reader.ts";

/** Lists, under the case's deadline. */
export function list(context: ContractContext, request: MessageInitShape<typeof ListRequestSchema> = {}): Promise<ListResponse> {
  return context.client.list(request, { signal: context.signal });
}

/** Opens a watch, under the case's deadline. */
export function watch(context: ContractContext, request: MessageInitShape<typeof WatchRequestSchema> = {}): WatchReader {
  return new WatchReader(context.client, request, { signal: context.signal });
}

export interface Message {
  readonly messageId: string;
  readonly text: string;
  readonly agent?: { readonly tenantId?: string; readonly host?: string; readonly name: string };
  readonly waitFor?: DeliveryState;
  readonly waitMs?: number;
}

/** Sends a message to alpha's `lead` unless told otherwise. */
export function send(context: ContractContext, message: Message): Promise<SendResponse> {
  const agent = { tenantId: "team-a", host: "alpha", name: "lead" };
  return context.client.send({ agent, ...message }, { signal: context.signal });
}

/** Waits until the server shows one of alpha's agents as wanted. */
export async function untilRow(context: ContractContext, name: string, isAsWanted: (row: Agent) => boolean): Promise<void> {
  await eventually(`${name} is shown as wanted`, async () => {
    const { agents } = await list(context);
    return agents.some((row) => row.tenantId === "team-a" && row.host === "alpha" && row.name === name && isAsWanted(row));
  });
}

/** The error that a call fails with, as ours. @throws when it does not fail, or with another code */
export async function refusal(call: Promise<unknown>, code: ErrorCode): Promise<MosaicError> {
  const thrown = await call.then(
    () => assert.fail(`the call succeeded; ${code} was expected`),
    (reason: unknown) => reason,
  );
  const error = fromConnectError(thrown, "call");
  assert.equal(error.code, code, `${error.code}: ${error.message}`);
  return error;
}

/** `tenant/host/name` of a row. */
export function rowName(row: Agent): string {
  return `${row.tenantId}/${row.host}/${row.name}`;
}

/** The name that an enum's value goes by, for errors that a person can read. */
export function enumName(values: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(values).find(([, number]) => number === value)?.[0] ?? String(value);
}

/** Rows as comparable text. */
export function rowTexts(rows: readonly Agent[]): string[] {
  return rows.map((row) => toJsonString(AgentSchema, create(AgentSchema, row)));
}

/** Streams of one rpc that the server counts now. */
export async function liveStreams(context: ContractContext, method: string): Promise<number> {
  const info = await context.client.info({}, { signal: context.signal });
  return info.liveStreams[method] ?? 0;
}

/** Waits until the server counts that many streams of an rpc. */
export async function untilLiveStreams(context: ContractContext, method: string, count: number): Promise<void> {
  await eventually(`${method} has ${count} live streams`, async () => (await liveStreams(context, method)) === count);
}

/** A well-formed token of a log that is not the server's. */
export async function foreignToken(): Promise<Uint8Array> {
  const log = new FleetLog({ epoch: "another-life" });
  log.publish([{ kind: "host", status: aHostStatus() }]);
  const deps = { log, clock: new FakeClock(), asOfNow: <T>(status: T) => status, random: () => 0.5 };
  for await (const { frame } of serveWatch(deps, create(WatchRequestSchema), new AbortController().signal)) {
    if (frame.case === "snapshotEnd") return frame.value.resumeToken;
  }
  throw new MosaicError("INTERNAL", "a watch without a snapshot");
}
