/** The part of the rules that loads nothing besides itself: what a short command needs on its way to one question. The whole
 *  room brings protobuf, YAML and JSON Schema along, which is ten times the start of an empty Node. */
export { aborted } from "./aborted.ts";
export { authorityOf, type Endpoint, formatEndpoint, isLoopback, parseEndpoint } from "./address/endpoint.ts";
export { formatAddress, type PartialAddress, parseAddress } from "./address/parse-address.ts";
export { type AddressedRow, resolveAddress } from "./address/resolve-address.ts";
export { ERROR_CODES, type ErrorCode, EXIT_CODES, MosaicError, type MosaicErrorOptions, type RpcStatus } from "./errors.ts";
export { isOfKind } from "./events/event-filter.ts";
export { parseEventLine } from "./events/event-line.ts";
export type { FleetEvent } from "./events/fleet-event.ts";
export { type LivenessFacts, type NotLive, type NotLiveKind, whyNotLive } from "./health/liveness.ts";
export type { Clock } from "./ports/clock.ts";
export type { Log, LogFields } from "./ports/log.ts";
export { passThroughTracer, type Span, type SpanAttributes, type SpanKind, type SpanOptions, type Tracer } from "./ports/span.ts";
export { isMapping, parseMapping, textOf } from "./text/json-values.ts";
export { nearNames } from "./text/near-names.ts";
