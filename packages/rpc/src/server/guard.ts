import type { X509Certificate } from "node:crypto";
import type { Message } from "@bufbuild/protobuf";
import { createContextKey } from "@connectrpc/connect";
import type { MosaicError } from "@mosaic/core";
import type { Capability, Identity } from "@mosaic/identity";

/** Who calls. */
export type Caller =
  /** This host's own tenant: over the Unix socket, from this process, or over plain loopback where no identity is configured. */
  | { readonly kind: "local" }
  | {
      readonly kind: "peer";
      readonly identity: Identity;
      /** Whose deed it is, where the peer only relays it; undefined: its own. */
      readonly capability?: Capability | undefined;
      /** What the peer may see, by tenant; undefined: nothing is kept from it. */
      readonly scope?: Scope | undefined;
    };

/** Whose rows a caller may see. */
export interface Scope {
  readonly tenantIds: readonly string[];
  /** True: of all other tenants it may see hosts, states and counts. */
  readonly surveysAll: boolean;
}

/** One call, before it is handled. */
export interface GuardedCall {
  readonly carrier: "unix" | "tcp" | "tls" | "memory";
  /** For example `mosaic.fleet.v1.FleetService`. */
  readonly service: string;
  readonly method: string;
  /** What the caller has shown; undefined: it came without TLS. */
  readonly chain: readonly X509Certificate[] | undefined;
  /** The `mosaic-capability` header. */
  readonly token: string | undefined;
  /** The request; undefined for a call of both directions. */
  readonly request: Message | undefined;
}

/** What lets a call through. */
export interface Admission {
  readonly caller: Caller;
  /** Resolves with the reason when the call may go on no longer, or with undefined after `stop` aborted. Asked for streams only.
   *  Absent: it may go on for as long as it likes. */
  readonly over?: (stop: AbortSignal) => Promise<MosaicError | undefined>;
}

/** Decides who may call what. */
export interface Guard {
  /** @throws MosaicError IDENTITY_REFUSED, NOT_ALLOWED, or what there is for something that does not exist */
  admit(call: GuardedCall): Promise<Admission>;
}

/** The header that carries what a caller has signed, as it was signed. */
export const CAPABILITY_HEADER = "mosaic-capability";

/** Set by the authorization interceptor: who calls. */
export const callerKey = createContextKey<Caller>({ kind: "local" });
/** Set by the listener: what the caller has shown. */
export const chainKey = createContextKey<readonly X509Certificate[] | undefined>(undefined);
