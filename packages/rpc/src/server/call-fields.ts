import type { StreamRequest, UnaryRequest } from "@connectrpc/connect";
import type { LogFields } from "@mosaic/core";
import { spanKey } from "./fleet-routes.ts";

/** What a line of log says of a call: its rpc, the trace it belongs to, and the id that its caller gave it in `x-request-id`.
 *  Both ids are taken from outside, so what does not look like one is left out. */
export function callFields(request: UnaryRequest | StreamRequest): LogFields {
  const trace = TRACEPARENT.exec(request.contextValues.get(spanKey).traceparent ?? "")?.[1];
  const id = request.header.get("x-request-id") ?? "";
  return { method: request.method.name, ...(trace ? { trace } : {}), ...(REQUEST_ID.test(id) ? { request: id } : {}) };
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;
const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
