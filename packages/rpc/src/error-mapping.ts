import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { ERROR_CODES, type ErrorCode, MosaicError, type RpcStatus } from "@mosaic/core";
import { ErrorInfoSchema } from "@mosaic/wire";

/** Turns whatever a handler threw into what goes over the wire: status, message, and an ErrorInfo that needs no parsing. */
export function toConnectError(thrown: unknown): ConnectError {
  if (thrown instanceof ConnectError) return thrown;
  const error = MosaicError.from(thrown);
  const info = {
    code: error.code,
    hint: error.hint ?? "",
    candidates: [...error.candidates].map(({ tenantId, host, name }) => ({ tenantId, host, name })),
  };
  return new ConnectError(
    error.message,
    TO_CONNECT[ERROR_CODES[error.code].rpc],
    error.retryAfterMs === undefined ? undefined : { [PUSHBACK]: String(error.retryAfterMs) },
    [{ desc: ErrorInfoSchema, value: create(ErrorInfoSchema, info) }],
    error,
  );
}

/** Turns what a call failed with into our own error, using its ErrorInfo where there is one.
 *  @param what names the call, for errors that carry no text of a Mosaic server */
export function fromConnectError(thrown: unknown, what: string): MosaicError {
  if (thrown instanceof MosaicError) return thrown;
  const error = ConnectError.from(thrown);
  const [info] = error.findDetails(ErrorInfoSchema);
  if (info && Object.hasOwn(ERROR_CODES, info.code)) {
    const candidates = info.candidates.map(({ tenantId, host, name }) => ({ tenantId, host, name }));
    const pushback = error.metadata.get(PUSHBACK) ?? "";
    const retryAfterMs = /^\d{1,9}$/.test(pushback) ? Number(pushback) : undefined;
    const hint = info.hint || undefined;
    return new MosaicError(info.code as ErrorCode, error.rawMessage, { hint, candidates, retryAfterMs, cause: error });
  }
  return new MosaicError(FROM_CONNECT[error.code] ?? "INTERNAL", `${what}: ${error.rawMessage}`, { cause: error });
}

/** The gRPC status name of a failed call, for example `UNAVAILABLE`; `INTERNAL` for what is no call's failure. */
export function statusNameOf(thrown: unknown): string {
  if (thrown instanceof MosaicError) return ERROR_CODES[thrown.code].rpc;
  const code = ConnectError.from(thrown).code;
  return Code[code]
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toUpperCase()
    .replace("CANCELED", "CANCELLED");
}

/** Tells a client when to come back (gRFC A6). */
const PUSHBACK = "grpc-retry-pushback-ms";

const TO_CONNECT: Record<RpcStatus, Code> = {
  INVALID_ARGUMENT: Code.InvalidArgument,
  NOT_FOUND: Code.NotFound,
  FAILED_PRECONDITION: Code.FailedPrecondition,
  RESOURCE_EXHAUSTED: Code.ResourceExhausted,
  ALREADY_EXISTS: Code.AlreadyExists,
  UNAVAILABLE: Code.Unavailable,
  DEADLINE_EXCEEDED: Code.DeadlineExceeded,
  PERMISSION_DENIED: Code.PermissionDenied,
  UNAUTHENTICATED: Code.Unauthenticated,
  UNIMPLEMENTED: Code.Unimplemented,
  INTERNAL: Code.Internal,
  CANCELLED: Code.Canceled,
};

const FROM_CONNECT: Partial<Record<Code, ErrorCode>> = {
  [Code.Canceled]: "CANCELLED",
  [Code.InvalidArgument]: "USAGE",
  [Code.DeadlineExceeded]: "DEADLINE",
  [Code.NotFound]: "AGENT_NOT_FOUND",
  [Code.AlreadyExists]: "MESSAGE_ID_REUSED",
  [Code.PermissionDenied]: "NOT_ALLOWED",
  [Code.Unauthenticated]: "NOT_ALLOWED",
  [Code.ResourceExhausted]: "BUSY",
  [Code.Unimplemented]: "NOT_HERE",
  [Code.Unavailable]: "HOST_UNREACHABLE",
};
