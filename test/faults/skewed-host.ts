import { create, type Message } from "@bufbuild/protobuf";
import type { FleetHandlers } from "@mosaic/rpc";
import { type Agent, type HostStatus, type WatchResponse, WatchResponseSchema } from "@mosaic/wire";
import { type SimulatedHost, simulatedHost } from "../bench/simulated-host.ts";

/** In which way a node is of another version: `behind` says nothing that was added since the first contract; `ahead` says things
 *  that nobody here knows; `incompatible` says that it may mislead who reads it as of today. */
export type Skew = "behind" | "ahead" | "incompatible";

/** Numbers that no field, frame or enum of today has. */
const UNKNOWN_NUMBER = 900;
const UNKNOWN_VALUE = 77;

/** Makes a simulated host of another version. */
export function skewedHost(index: number, agentCount: number, skew: Skew): SimulatedHost {
  const host = simulatedHost(index, agentCount, `epoch-${skew}`);
  return { ...host, handlers: { ...host.handlers, ...skewed(host.handlers, skew) } };
}

function skewed(handlers: FleetHandlers, skew: Skew): Partial<FleetHandlers> {
  if (skew === "incompatible") {
    return { info: (context) => ({ ...handlers.info(context), protocolVersion: 2 }) };
  }
  const row = skew === "behind" ? olderRow : newerRow;
  const status = skew === "behind" ? olderStatus : newerStatus;
  return {
    info: (context) => ({
      ...handlers.info(context),
      ...(skew === "behind" ? { counters: {}, capabilities: [] } : { capabilities: ["list", "teleport", "watch"] }),
    }),
    async list(request, context) {
      const answer = await handlers.list(request, context);
      return { ...answer, rows: answer.rows.map(row), hosts: answer.hosts.map(status) };
    },
    async *watch(request, context) {
      for await (const response of handlers.watch(request, context)) {
        if (skew === "ahead") yield withUnknown(create(WatchResponseSchema, { rev: response.rev }));
        yield skewedFrame(response, row, status);
      }
    },
  };
}

function skewedFrame(
  response: WatchResponse,
  row: (row: Agent) => Agent,
  status: (status: HostStatus) => HostStatus,
): WatchResponse {
  const { frame } = response;
  if (frame.case === "upsert") return { ...response, frame: { case: "upsert", value: row(frame.value) } };
  if (frame.case === "host") return { ...response, frame: { case: "host", value: status(frame.value) } };
  return response;
}

// What came after the first contract is not said: a row's lane, approvals and conversation, a host's ways and sources.
function olderRow(row: Agent): Agent {
  return { ...row, lane: "", approvals: [], sessionId: "", pendingMessages: 0, heartbeat: undefined } as unknown as Agent;
}

function olderStatus(status: HostStatus): HostStatus {
  return { ...status, routes: [], sources: [], conditions: [], version: "0.0.1" };
}

function newerRow(row: Agent): Agent {
  const pane = row.pane && withUnknown({ ...row.pane });
  const heartbeat = row.heartbeat && { ...row.heartbeat, health: UNKNOWN_VALUE, evidence: UNKNOWN_VALUE, status: UNKNOWN_VALUE };
  return withUnknown({ ...row, state: UNKNOWN_VALUE, lifecycle: UNKNOWN_VALUE, pane, heartbeat } as Agent);
}

function newerStatus(status: HostStatus): HostStatus {
  return withUnknown({ ...status, version: "9.9.9", conditions: [] });
}

/** Adds a field that nobody here knows: text, as a newer contract would have it. */
function withUnknown<T extends Message>(message: T): T {
  const text = Buffer.from("of a later version");
  const data = new Uint8Array([text.length, ...text]);
  return { ...message, $unknown: [{ no: UNKNOWN_NUMBER, wireType: 2, data }] };
}
