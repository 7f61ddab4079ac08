import type { Via } from "./ps-answer.ts";
import type { PsHost } from "./ps-host.ts";

/** A host in `host list --json`. */
export interface ListedHost extends PsHost {
  /** Version of the node's software; empty: never heard from. */
  readonly version: string;
}

/** What `host list --json` prints. The names of its fields are a contract; see list.test.ts. */
export interface HostListAnswer {
  readonly schema: "mosaic.host.list/1";
  readonly complete: boolean;
  readonly scope: { readonly tenants: readonly string[]; readonly hosts?: readonly string[] };
  readonly via: Via;
  readonly hosts: readonly ListedHost[];
}
