/** What may be done, as policy names it. */
export type Verb =
  /** See rows and hosts of one's own tenant, read receipts and the text of messages. */
  | "observe"
  /** See a terminal, without keys. */
  | "watch"
  /** Put text or keys before an agent, answer what it asks. */
  | "operate"
  /** Read what a daemon says of itself: its log. */
  | "diagnose"
  /** Begin and end agents. */
  | "lifecycle"
  /** Membership, invitations, locks, policy. */
  | "administer"
  /** See hosts, states and counts of all tenants; no directory, title or text. */
  | "survey"
  /** Learn who a daemon is and whether it serves. */
  | "probe";

export const VERBS: readonly Verb[] = ["probe", "observe", "watch", "operate", "diagnose", "lifecycle", "administer", "survey"];

/** What somebody is, by policy. A certificate says who; roles live in the policy, so that a change needs no new certificate. */
export type Role = "observer" | "operator" | "admin" | "fleet-observer";

export const ROLES: readonly Role[] = ["observer", "operator", "admin", "fleet-observer"];

/** The matrix: which role may do what. What is not here may nobody do. */
export const MATRIX: Readonly<Record<Role, readonly Verb[]>> = {
  observer: ["probe", "observe", "watch"],
  operator: ["probe", "observe", "watch", "operate", "diagnose", "lifecycle"],
  admin: ["probe", "observe", "watch", "operate", "diagnose", "lifecycle", "administer"],
  "fleet-observer": ["probe", "survey"],
};

/** What each rpc is. An rpc that is not here is denied. `local` ones are taken from this host's own Unix socket only. */
export const METHOD_VERBS: Readonly<Record<string, Verb | "local">> = {
  Info: "probe",
  List: "observe",
  Watch: "observe",
  Tail: "watch",
  WatchTerminal: "watch",
  ListMessages: "observe",
  WatchReceipts: "observe",
  WatchEvents: "observe",
  Presence: "observe",
  ReadLog: "diagnose",
  AttachTerminal: "operate",
  Send: "operate",
  Reset: "operate",
  CancelMessage: "operate",
  RetryMessage: "operate",
  Decide: "operate",
  Heartbeat: "local",
  AddHost: "administer",
  RemoveHost: "administer",
  DrainHost: "administer",
  Invite: "administer",
  Approve: "administer",
  LockOut: "administer",
  ListEnrolled: "administer",
};

/** Verbs that change something: over an aggregator they need the caller's own capability. */
export function isMutating(verb: Verb): boolean {
  return verb === "operate" || verb === "lifecycle" || verb === "administer";
}
