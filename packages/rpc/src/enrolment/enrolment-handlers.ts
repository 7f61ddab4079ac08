import type { X509Certificate } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  ApproveRequest,
  ApproveResponseSchema,
  ConfirmRootsRequest,
  EnrolRequest,
  EnrolResponseSchema,
  GetRootsResponseSchema,
  InviteRequest,
  InviteResponseSchema,
  ListEnrolledResponseSchema,
  LockOutRequest,
  LockOutResponseSchema,
  RenewRequest,
  RenewResponseSchema,
} from "@mosaic/wire";

/** Who calls EnrolmentService, as far as the connection tells. */
export interface EnrolmentCaller {
  /** The address that it came from; `local` for the Unix socket. */
  readonly address: string;
  /** What it has shown, believed or not: empty for a stranger. Undefined: it came over this host's own Unix socket. */
  readonly chain: readonly X509Certificate[] | undefined;
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal;
}

/** EnrolmentService as an aggregator implements it: requests are validated, and every error thrown is mapped to the wire. */
export interface EnrolmentHandlers {
  getRoots(caller: EnrolmentCaller): Promise<MessageInitShape<typeof GetRootsResponseSchema>>;
  enrol(request: EnrolRequest, caller: EnrolmentCaller): Promise<MessageInitShape<typeof EnrolResponseSchema>>;
  renew(request: RenewRequest, caller: EnrolmentCaller): Promise<MessageInitShape<typeof RenewResponseSchema>>;
  confirmRoots(request: ConfirmRootsRequest, caller: EnrolmentCaller): Promise<void>;
  invite(request: InviteRequest, caller: EnrolmentCaller): Promise<MessageInitShape<typeof InviteResponseSchema>>;
  approve(request: ApproveRequest, caller: EnrolmentCaller): Promise<MessageInitShape<typeof ApproveResponseSchema>>;
  lockOut(request: LockOutRequest, caller: EnrolmentCaller): Promise<MessageInitShape<typeof LockOutResponseSchema>>;
  listEnrolled(caller: EnrolmentCaller): Promise<MessageInitShape<typeof ListEnrolledResponseSchema>>;
}
