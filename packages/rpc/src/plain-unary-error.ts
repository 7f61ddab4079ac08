import { ERROR_CODES, type ErrorCode, MosaicError } from "@mosaic/core/light";
import type { ErrorInfoJson } from "@mosaic/wire";

export interface FailedReply {
  /** HTTP status. */
  readonly status: number;
  /** The body, when it was a JSON object. */
  readonly reply: object | undefined;
  readonly method: string;
  /** The endpoint as a person writes it. */
  readonly where: string;
}

/** Turns a reply that is no answer into our own error: by its ErrorInfo if it has one, else by its status name, else by its
 *  HTTP status (https://connectrpc.com/docs/protocol#http-to-error-code). */
export async function errorOfReply(failed: FailedReply): Promise<MosaicError> {
  const { code, message, details } = (failed.reply ?? {}) as { code?: unknown; message?: unknown; details?: unknown };
  if (failed.status === 200 || typeof code !== "string") return foreignReply(failed);
  const text = typeof message === "string" && message !== "" ? message : `${failed.method} failed with ${code}`;
  const info = Array.isArray(details) ? await findErrorInfo(details) : undefined;
  if (info?.code !== undefined && Object.hasOwn(ERROR_CODES, info.code)) {
    const candidates = (info.candidates ?? []).map(({ tenantId = "", host = "", name = "" }) => ({ tenantId, host, name }));
    return new MosaicError(info.code as ErrorCode, text, { hint: info.hint || undefined, candidates });
  }
  return new MosaicError(BY_STATUS_NAME[code] ?? "INTERNAL", `${failed.method}: ${text}`, { hint: info?.hint || undefined });
}

function foreignReply({ status, method, where }: FailedReply): MosaicError {
  const message = `what answers at ${where} is no FleetService: ${method} got HTTP ${status}`;
  if (status === 401 || status === 403) return new MosaicError("NOT_ALLOWED", `${where} refuses ${method}: HTTP ${status}`);
  if (status === 404 || status === 200) return new MosaicError("NOT_SERVED", message, { hint: "check --endpoint" });
  const isOverloaded = status === 429 || (status >= 502 && status <= 504);
  if (isOverloaded)
    return new MosaicError("HOST_UNREACHABLE", `${where} answers ${method} with HTTP ${status}`, { hint: "try again" });
  return new MosaicError("INTERNAL", message, { hint: "check --endpoint" });
}

async function findErrorInfo(details: readonly unknown[]): Promise<ErrorInfoJson | undefined> {
  for (const detail of details) {
    const { type, value, debug } = (detail ?? {}) as { type?: unknown; value?: unknown; debug?: unknown };
    if (type !== "mosaic.fleet.v1.ErrorInfo") continue;
    if (typeof debug === "object" && debug !== null) return debug;
    if (typeof value === "string") return await decodeErrorInfo(value);
  }
  return undefined;
}

// Servers that send no `debug` text are rare, so the protobuf runtime is loaded only for them.
async function decodeErrorInfo(base64: string): Promise<ErrorInfoJson | undefined> {
  const { decodeErrorInfoDetail } = await import("./plain-unary-detail.ts");
  return decodeErrorInfoDetail(base64);
}

const BY_STATUS_NAME: Readonly<Record<string, ErrorCode>> = {
  canceled: "CANCELLED",
  invalid_argument: "USAGE",
  deadline_exceeded: "DEADLINE",
  not_found: "AGENT_NOT_FOUND",
  already_exists: "MESSAGE_ID_REUSED",
  permission_denied: "NOT_ALLOWED",
  unauthenticated: "NOT_ALLOWED",
  resource_exhausted: "BUSY",
  failed_precondition: "AGENT_NOT_RUNNING",
  aborted: "BUSY",
  out_of_range: "USAGE",
  unimplemented: "NOT_HERE",
  unavailable: "HOST_UNREACHABLE",
};
