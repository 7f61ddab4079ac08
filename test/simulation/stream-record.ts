import type { HostStatus, WatchResponse } from "@mosaic/wire";
import type { Findings } from "./findings.ts";
import { rowHash } from "./row-hash.ts";

/** A host as a stream told it. */
export interface RecordedHost {
  status: HostStatus;
  /** By name: what the row holds, and its digest. */
  readonly rows: Map<string, { readonly content: string; readonly hash: bigint }>;
}

type Hosts = Map<string, RecordedHost>;

/** What one reader was told by one server over all its streams, kept by rules written anew here and not by the product's own
 *  view. Checks C3 on the way: ordered, unique, without gaps unless reset, resumed where it was, adding up at each bookmark. */
export class StreamRecord {
  readonly #name: string;
  readonly #findings: Findings;
  #hosts: Hosts = new Map();
  #staged: Hosts | undefined;
  /** Of the last frame of this stream, and of the last change that was taken. */
  #rev = 0n;
  #takenRev = 0n;
  /** Tokens that were told, the last ones: what may be handed back, and the revision that it stands for. */
  #token = "";
  #tokenRev = 0n;
  #isFirst = false;
  #isComplete = false;
  /** A change was lost on this stream: it can't add up, and its reader must notice. */
  #isTorn = false;
  #mustEnd = false;
  resets = 0;
  resumes = 0;

  constructor(name: string, findings: Findings) {
    this.#name = name;
    this.#findings = findings;
  }

  /** True once a snapshot was complete. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  get hosts(): ReadonlyMap<string, RecordedHost> {
    return this.#hosts;
  }

  /** Names of the hosts that were not told by way of a given aggregator. */
  hostsNotVia(id: string): string[] {
    return [...this.#hosts.values()].flatMap(({ status }) => (status.via.includes(id) ? [] : [nameOf(status)]));
  }

  /** Its stream loses a change on purpose. */
  lose(): void {
    this.#isTorn = true;
  }

  /** A new stream was opened with a token. */
  begin(resumeToken: Uint8Array): void {
    const token = textOf(resumeToken);
    this.#staged = undefined;
    this.#isFirst = true;
    this.#mustEnd = false;
    this.#rev = token === "" ? 0n : this.#tokenRev;
    this.#look(
      token === "" || token === this.#token ? undefined : `asked to resume at ${token}, the last token was ${this.#token}`,
    );
  }

  /** Takes the next frame. */
  take({ frame, rev }: WatchResponse): void {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (this.#mustEnd) this.#look("its reader goes on with a view that does not add up");
    switch (frame.case) {
      case "reset":
        this.resets += 1;
        this.#look(this.#staged ? "reset within a snapshot" : undefined);
        this.#staged = new Map();
        this.#isTorn = false;
        return;
      case "snapshotEnd":
        return this.#complete(frame.value, rev);
      case "bookmark":
        this.#look(this.#staged ? "bookmark within a snapshot" : this.#order(rev, isFirst, true));
        this.#rev = rev;
        return this.#addUp(frame.value, this.#hosts, rev);
      case "closing":
      case undefined:
        return;
      default:
        if (this.#staged) return this.#change(this.#staged, frame, rev);
        this.#look(this.#order(rev, isFirst, false));
        this.#rev = rev;
        // What came between the token and the cut is told again, and is here already.
        if (rev > this.#takenRev) this.#change(this.#hosts, frame, rev);
        this.#takenRev = rev > this.#takenRev ? rev : this.#takenRev;
    }
  }

  // Outside snapshots revisions rise by every change; only a bookmark stands where the last change stood.
  #order(rev: bigint, isFirst: boolean, isBookmark: boolean): string | undefined {
    if (!this.#isComplete) return "a change before any snapshot";
    if (isFirst) this.resumes += 1;
    const isLater = isBookmark ? rev >= this.#rev : rev > this.#rev;
    return isLater ? undefined : `revision ${rev} came after ${this.#rev}`;
  }

  #complete(end: Tally & { readonly resumeToken: Uint8Array }, rev: bigint): void {
    if (!this.#staged) return this.#look("a snapshot ended that had not begun");
    const staged = this.#staged;
    this.#staged = undefined;
    this.#rev = rev;
    this.#addUp(end, staged, rev);
    // A reader that noticed keeps what it had.
    if (this.#mustEnd) return;
    this.#hosts = staged;
    this.#takenRev = rev;
    this.#isComplete = true;
  }

  #addUp(told: Tally & { readonly resumeToken: Uint8Array }, hosts: Hosts, rev: bigint): void {
    let digest = 0n;
    let rowCount = 0;
    for (const { rows } of hosts.values()) {
      rowCount += rows.size;
      for (const { hash } of rows.values()) digest = BigInt.asUintN(64, digest + hash);
    }
    const isRight = told.rowCount === rowCount && told.hostCount === hosts.size && told.digest === digest;
    const held = `${rowCount} rows on ${hosts.size} hosts with digest ${digest}`;
    const wrong = `told ${told.rowCount} rows on ${told.hostCount} hosts with digest ${told.digest}, the frames make ${held}`;
    this.#look(isRight || this.#isTorn ? undefined : wrong);
    this.#mustEnd = this.#isTorn && !isRight;
    this.#token = this.#mustEnd ? "" : textOf(told.resumeToken);
    this.#tokenRev = rev;
    // What was lost may have been told anew since.
    if (isRight) this.#isTorn = false;
  }

  #change(hosts: Hosts, frame: WatchResponse["frame"], rev: bigint): void {
    if (frame.case === "host") {
      const known = hosts.get(keyOf(frame.value));
      if (known) known.status = frame.value;
      else hosts.set(keyOf(frame.value), { status: frame.value, rows: new Map() });
    } else if (frame.case === "hostRemoved") hosts.delete(keyOf(frame.value));
    else if (frame.case === "delete") hosts.get(keyOf({ ...frame.value, host: "" }))?.rows.delete(frame.value.name);
    else if (frame.case === "upsert") {
      const host = hosts.get(keyOf(frame.value));
      this.#look(host ? undefined : `a row of a host that was not told: ${frame.value.host}`);
      host?.rows.set(frame.value.name, { content: frame.value.sessionId, hash: rowHash(frame.value, rev) });
    }
  }

  #look(wrong: string | undefined): void {
    this.#findings.look("C3", wrong === undefined ? undefined : `${this.#name}: ${wrong}`);
  }
}

interface Tally {
  readonly rowCount: number;
  readonly hostCount: number;
  readonly digest: bigint;
}

/** Names a host as people do. */
export function nameOf({ tenantId, host }: Pick<HostStatus, "tenantId" | "host">): string {
  return `${tenantId}/${host}`;
}

/** The rows of a host as one text, to be compared. */
export function rowsText(rows: Iterable<readonly [name: string, content: string]>): string {
  return [...rows]
    .map(([name, content]) => `${name}=${content}`)
    .sort()
    .join(" ");
}

function keyOf({ tenantId, hostId, host }: { tenantId: string; hostId: string; host: string }): string {
  return hostId === "" ? `${tenantId}//${host}` : `${tenantId}/${hostId}`;
}

function textOf(token: Uint8Array): string {
  return Buffer.from(token).toString("utf8");
}
