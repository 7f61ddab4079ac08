import type { AgentAddress } from "@mosaic/wire";

/** The closed list of errors Mosaic raises on purpose: what each means to a gRPC caller and to a shell.
 *  `docs/reference/errors.md` is generated from this table. */
export const ERROR_CODES = {
  USAGE: { rpc: "INVALID_ARGUMENT", exit: 2, meaning: "The command line or the request can't be understood." },
  AGENT_NOT_FOUND: { rpc: "NOT_FOUND", exit: 1, meaning: "No agent in scope has that address." },
  AGENT_AMBIGUOUS: { rpc: "FAILED_PRECONDITION", exit: 2, meaning: "A short address fits more than one agent." },
  AGENT_NOT_RUNNING: { rpc: "FAILED_PRECONDITION", exit: 1, meaning: "The agent has no live terminal." },
  MESSAGE_TOO_LARGE: { rpc: "RESOURCE_EXHAUSTED", exit: 2, meaning: "The text is larger than a message may be." },
  MESSAGE_ID_REUSED: { rpc: "ALREADY_EXISTS", exit: 1, meaning: "That message id was used for another text." },
  NOT_CONFIRMED: { rpc: "FAILED_PRECONDITION", exit: 6, meaning: "No evidence shows that the agent took the message." },
  ROSTER_INVALID: { rpc: "FAILED_PRECONDITION", exit: 1, meaning: "The roster can't be used as it stands." },
  MEMBERSHIP_INVALID: { rpc: "FAILED_PRECONDITION", exit: 1, meaning: "The membership file can't be used as it stands." },
  HOST_NOT_FOUND: { rpc: "NOT_FOUND", exit: 1, meaning: "No membership that was asked names such a host." },
  HOST_UNREACHABLE: { rpc: "UNAVAILABLE", exit: 4, meaning: "The host that was asked for can't be reached now." },
  NOT_SERVED: { rpc: "UNAVAILABLE", exit: 4, meaning: "No daemon answers at that address." },
  DEADLINE: { rpc: "DEADLINE_EXCEEDED", exit: 4, meaning: "No answer came in the time given." },
  NOT_ALLOWED: { rpc: "PERMISSION_DENIED", exit: 5, meaning: "The caller, or this configuration, may not do that." },
  IDENTITY_REFUSED: { rpc: "UNAUTHENTICATED", exit: 5, meaning: "A certificate or key is not believed: who calls is not known." },
  INCOMPATIBLE: { rpc: "FAILED_PRECONDITION", exit: 1, meaning: "The two sides can't work together as they are set up." },
  POLICY_INVALID: { rpc: "FAILED_PRECONDITION", exit: 1, meaning: "The policy file can't be used as it stands." },
  ALREADY_RUNNING: { rpc: "ALREADY_EXISTS", exit: 1, meaning: "Another daemon already serves that home or address." },
  BUSY: { rpc: "RESOURCE_EXHAUSTED", exit: 1, meaning: "A limit was reached; try again later." },
  NOT_HERE: { rpc: "UNIMPLEMENTED", exit: 1, meaning: "This server doesn't do that; another one may." },
  WOULD_OVERWRITE: { rpc: "ALREADY_EXISTS", exit: 1, meaning: "A file is there that is not Mosaic's to replace." },
  NO_SYSTEMD: { rpc: "FAILED_PRECONDITION", exit: 1, meaning: "No systemd user manager answers on this host." },
  UNIT_FAILED: { rpc: "FAILED_PRECONDITION", exit: 1, meaning: "systemd could not bring a unit to the state asked for." },
  STORE_UNAVAILABLE: { rpc: "UNAVAILABLE", exit: 1, meaning: "Nothing can be made durable now, so nothing was taken." },
  MESSAGE_NOT_FOUND: { rpc: "NOT_FOUND", exit: 1, meaning: "No server that was asked knows a message of that id." },
  APPROVAL_NOT_FOUND: { rpc: "NOT_FOUND", exit: 1, meaning: "The agent does not ask leave for that, or not any more." },
  HOOKS_REFUSED: { rpc: "FAILED_PRECONDITION", exit: 1, meaning: "A runtime's own file can't be changed safely." },
  MACHINE: { rpc: "INTERNAL", exit: 1, meaning: "This machine refused: a program, file or socket failed." },
  CANCELLED: { rpc: "CANCELLED", exit: 130, meaning: "The caller went away or interrupted." },
  INTERNAL: { rpc: "INTERNAL", exit: 1, meaning: "A fault in Mosaic itself." },
} as const satisfies Record<string, { rpc: RpcStatus; exit: number; meaning: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The gRPC status names that errors map to. */
export type RpcStatus =
  | "INVALID_ARGUMENT"
  | "NOT_FOUND"
  | "FAILED_PRECONDITION"
  | "RESOURCE_EXHAUSTED"
  | "ALREADY_EXISTS"
  | "UNAVAILABLE"
  | "DEADLINE_EXCEEDED"
  | "PERMISSION_DENIED"
  | "UNAUTHENTICATED"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "CANCELLED";

export interface MosaicErrorOptions {
  /** The next command to type, or thing to do. */
  readonly hint?: string | undefined;
  /** Agents that were near to, or all fit, the one asked for. */
  readonly candidates?: readonly Pick<AgentAddress, "tenantId" | "host" | "name">[] | undefined;
  /** When to come back, in ms; for what is refused only now. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** The one error class: a code from the closed list, and a message that says what failed, on what. */
export class MosaicError extends Error {
  override readonly name = "MosaicError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly candidates: NonNullable<MosaicErrorOptions["candidates"]>;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: MosaicErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.candidates = options.candidates ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exit;
  }

  /** Makes any thrown value a MosaicError: one of ours stays as it is, an abort becomes CANCELLED, the rest INTERNAL. */
  static from(thrown: unknown): MosaicError {
    if (thrown instanceof MosaicError) return thrown;
    if (thrown instanceof Error) {
      if (thrown.name === "AbortError") return new MosaicError("CANCELLED", "interrupted", { cause: thrown });
      if (thrown.name === "TimeoutError") return new MosaicError("DEADLINE", "no answer in the time given", { cause: thrown });
      return new MosaicError("INTERNAL", thrown.message, { cause: thrown });
    }
    return new MosaicError("INTERNAL", String(thrown));
  }
}

/** The exit codes of every command, in one table. */
export const EXIT_CODES = {
  ok: 0,
  failed: 1,
  usage: 2,
  partial: 3,
  nobodyAnswered: 4,
  notAllowed: 5,
  notConfirmed: 6,
  interrupted: 130,
} as const;
