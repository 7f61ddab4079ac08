import { equals } from "@bufbuild/protobuf";
import { type Agent, AgentSchema, type Condition, type HostFreshness, type HostStatus, type WatchResponse } from "@mosaic/wire";
import { type FleetChange, FleetState } from "./fleet-state.ts";
import { agentKeyOf, hostKeyMessage, hostKeyOf } from "./keys.ts";

/** What one frame did to a view. */
export type ViewStep =
  /** These changes were applied, in this order. Empty for a bookmark, or while a snapshot is being staged. */
  | { readonly kind: "changed"; readonly changes: readonly FleetChange[]; readonly isSnapshot: boolean }
  /** The server will end the stream and asks to come back after a while. */
  | { readonly kind: "closing"; readonly reason: string; readonly retryAfterMs: number }
  /** The view does not add up to the server's check sum: drop the stream and start without a token. */
  | { readonly kind: "diverged"; readonly detail: string };

/** A host's freshness as last told, and when that was on our own monotonic clock. */
export interface Freshness {
  readonly ageMs: number;
  readonly asOfUnixMs: bigint;
  readonly receivedAtMs: number;
}

/** A watcher's copy of a server's view: takes frames in, keeps the old view until a snapshot is complete, and checks
 *  itself against each bookmark. */
export class FleetView {
  #state = new FleetState();
  #staged: FleetState | undefined;
  #freshness = new Map<string, Freshness>();
  #stagedFreshness = new Map<string, Freshness>();
  #resumeToken: Uint8Array = new Uint8Array();
  #lastRev = 0n;
  #conditions: readonly Condition[] = [];
  #hasDiverged = false;

  /** The view now: the last complete snapshot and every change since. */
  get state(): FleetState {
    return this.#state;
  }

  /** True once a snapshot has been complete. */
  get isComplete(): boolean {
    return this.#resumeToken.length > 0;
  }

  /** True while a snapshot is being sent: what is shown is the view before it. */
  get isStaging(): boolean {
    return this.#staged !== undefined;
  }

  /** Where the next Watch resumes. Empty until a snapshot was complete, and after a divergence. */
  get resumeToken(): Uint8Array {
    return this.#resumeToken;
  }

  /** True from a divergence to the next complete snapshot; the server is told of it with the next Watch. */
  get hasDiverged(): boolean {
    return this.#hasDiverged;
  }

  /** What the server said of itself, as of the last bookmark. */
  get conditions(): readonly Condition[] {
    return this.#conditions;
  }

  /** How fresh a host was when last told; undefined for a host that is not in the view. */
  freshness(host: Pick<HostStatus, "tenantId" | "hostId" | "host">): Freshness | undefined {
    return this.#freshness.get(hostKeyOf(host));
  }

  /** Call before each new stream: drops what a stream that broke in the middle of a snapshot had staged.
   *  @returns the token to hand to the new Watch */
  startStream(): Uint8Array {
    this.#staged = undefined;
    return this.#resumeToken;
  }

  /** Takes the next frame of a stream.
   *  @param nowMs our monotonic clock at its arrival */
  apply(response: WatchResponse, nowMs: number): ViewStep {
    const { frame, rev } = response;
    switch (frame.case) {
      case "reset":
        this.#staged = new FleetState();
        this.#stagedFreshness = new Map();
        return nothing;
      case "snapshotEnd":
        return this.#completeSnapshot(frame.value, rev);
      case "bookmark":
        for (const fresh of frame.value.hosts) this.#noteFreshness(fresh, nowMs);
        return this.#verify(frame.value, this.#state, () => {
          this.#conditions = frame.value.conditions;
          return this.#accept(frame.value.resumeToken, nothing);
        });
      case "host":
        this.#noteStatus(frame.value, nowMs);
        return this.#change({ kind: "host", status: frame.value }, rev);
      case "upsert":
        return this.#change({ kind: "upsert", row: frame.value }, rev);
      case "delete":
        return this.#change({ kind: "delete", key: frame.value }, rev);
      case "hostRemoved":
        return this.#change({ kind: "host-removed", key: frame.value }, rev);
      case "closing":
        // Where the server has just told us to go on; a snapshot that it did not finish is not ours yet.
        if (!this.#staged && this.isComplete) this.#resumeToken = frame.value.resumeToken;
        return { kind: "closing", reason: frame.value.reason, retryAfterMs: frame.value.retryAfterMs };
      case undefined:
        // A frame of a newer server: skipping it is what the contract asks for.
        return nothing;
      default:
        return frame satisfies never;
    }
  }

  #change(change: FleetChange, rev: bigint): ViewStep {
    if (this.#staged) {
      this.#staged.apply(change, rev);
      return nothing;
    }
    // After a resume the server repeats what came between the token and the cut: it is here already.
    if (rev <= this.#lastRev) return nothing;
    this.#lastRev = rev;
    this.#state.apply(change, rev);
    if (change.kind === "host-removed") this.#freshness.delete(hostKeyOf(change.key));
    return { kind: "changed", changes: [change], isSnapshot: false };
  }

  #completeSnapshot(end: Tally & { resumeToken: Uint8Array }, rev: bigint): ViewStep {
    const staged = this.#staged;
    if (!staged) return this.#diverged("a snapshot ended that had not begun");
    return this.#verify(end, staged, () => {
      const changes = changesBetween(this.#state, staged);
      this.#state = staged;
      this.#staged = undefined;
      this.#lastRev = rev;
      this.#freshness = this.#stagedFreshness;
      this.#hasDiverged = false;
      return this.#accept(end.resumeToken, { kind: "changed", changes, isSnapshot: true });
    });
  }

  #verify(told: Tally, state: FleetState, whenRight: () => ViewStep): ViewStep {
    const isRight = told.rowCount === state.rowCount && told.hostCount === state.hostCount && told.digest === state.digest;
    if (isRight) return whenRight();
    return this.#diverged(
      `server has ${told.rowCount} rows on ${told.hostCount} hosts, we hold ${state.rowCount} on ${state.hostCount}` +
        (told.digest === state.digest ? "" : ", with another digest"),
    );
  }

  #accept(resumeToken: Uint8Array, step: ViewStep): ViewStep {
    this.#resumeToken = resumeToken;
    return step;
  }

  #diverged(detail: string): ViewStep {
    this.#resumeToken = new Uint8Array();
    this.#staged = undefined;
    this.#hasDiverged = true;
    return { kind: "diverged", detail };
  }

  #noteStatus(status: HostStatus, nowMs: number): void {
    const fresh = { ageMs: Number(status.ageMs), asOfUnixMs: status.asOfUnixMs, receivedAtMs: nowMs };
    // The rows that are shown while a snapshot comes are as old as they are, whatever the snapshot says of the host.
    (this.#staged ? this.#stagedFreshness : this.#freshness).set(hostKeyOf(status), fresh);
  }

  #noteFreshness(fresh: HostFreshness, nowMs: number): void {
    if (!fresh.key) return;
    const told = { ageMs: Number(fresh.ageMs), asOfUnixMs: fresh.asOfUnixMs, receivedAtMs: nowMs };
    this.#freshness.set(hostKeyOf(fresh.key), told);
  }
}

interface Tally {
  readonly rowCount: number;
  readonly hostCount: number;
  readonly digest: bigint;
}

const nothing: ViewStep = { kind: "changed", changes: [], isSnapshot: false };

/** The changes that turn one state into another: removals first, then hosts, then rows; rows with the same content are
 *  left out, so that a reconnect is not news. */
function changesBetween(before: FleetState, after: FleetState): FleetChange[] {
  const hostsAfter = new Set(after.hosts().map(hostKeyOf));
  const removed = before.hosts().filter((host) => !hostsAfter.has(hostKeyOf(host)));
  const kept = before.hosts().filter((host) => hostsAfter.has(hostKeyOf(host)));
  const deleted = kept.flatMap((host) => before.rowsOf(host)).filter(({ row }) => after.row(row) === undefined);
  const changed = after.rows().filter(({ row }) => !isSameRow(before.row(row)?.row, row));
  return [
    ...removed.map((host): FleetChange => ({ kind: "host-removed", key: hostKeyMessage(host) })),
    ...deleted.map(({ row }): FleetChange => ({ kind: "delete", key: agentKeyOf(row) })),
    ...after.hosts().map((status): FleetChange => ({ kind: "host", status })),
    ...changed.map(({ row }): FleetChange => ({ kind: "upsert", row })),
  ];
}

function isSameRow(before: Agent | undefined, after: Agent): boolean {
  return before !== undefined && (before === after || equals(AgentSchema, before, after));
}
