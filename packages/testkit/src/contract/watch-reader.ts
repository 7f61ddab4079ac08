import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CallOptions } from "@connectrpc/connect";
import { FleetView } from "@mosaic/core";
import type { FleetClient } from "@mosaic/rpc";
import type { Agent, HostStatus, Reset, SnapshotEnd, WatchRequestSchema, WatchResponse } from "@mosaic/wire";

export interface Snapshot {
  readonly reset: Reset;
  readonly hosts: readonly HostStatus[];
  readonly rows: readonly { readonly row: Agent; readonly rev: bigint }[];
  readonly end: SnapshotEnd;
}

/** Reads one Watch frame by frame, and keeps the view that a client would have. */
export class WatchReader implements AsyncDisposable {
  readonly view: FleetView;
  /** Every frame so far. */
  readonly frames: WatchResponse[] = [];
  readonly #call = new AbortController();
  readonly #frames: AsyncIterator<WatchResponse>;

  /** Opens a watch. @param view goes on with an earlier view, and resumes from it unless a token is given */
  constructor(
    client: FleetClient,
    request: MessageInitShape<typeof WatchRequestSchema>,
    options: CallOptions,
    view = new FleetView(),
  ) {
    this.view = view;
    const signal = AbortSignal.any([this.#call.signal, ...(options.signal ? [options.signal] : [])]);
    this.#frames = client.watch({ resumeToken: view.startStream(), ...request }, { ...options, signal })[Symbol.asyncIterator]();
  }

  /** The next frame. @throws Error when the stream is over, or when the view does not add up */
  async next(): Promise<WatchResponse> {
    const { done, value } = await this.#frames.next();
    if (done) throw new Error("the watch ended");
    this.frames.push(value);
    const step = this.view.apply(value, performance.now());
    if (step.kind === "diverged") throw new Error(`the view diverged: ${step.detail}`);
    return value;
  }

  /** Reads on to the first frame that fits, and returns it. */
  async until(fits: (frame: WatchResponse) => boolean): Promise<WatchResponse> {
    for (;;) {
      const frame = await this.next();
      if (fits(frame)) return frame;
    }
  }

  /** Reads one snapshot from its `reset` to its `snapshot_end`. @throws Error when anything else comes */
  async snapshot(): Promise<Snapshot> {
    const first = await this.next();
    if (first.frame.case !== "reset") throw new Error(`a reset was expected, ${first.frame.case} came`);
    const hosts: HostStatus[] = [];
    const rows: { row: Agent; rev: bigint }[] = [];
    for (;;) {
      const { frame, rev } = await this.next();
      if (frame.case === "snapshotEnd") return { reset: first.frame.value, hosts, rows, end: frame.value };
      if (frame.case === "host") hosts.push(frame.value);
      else if (frame.case === "upsert") rows.push({ row: frame.value, rev });
      else throw new Error(`${frame.case} in the middle of a snapshot`);
    }
  }

  /** Ends the call. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#call.abort();
    // The pending read, if any, fails with the abort; that is the point.
    await this.#frames.next().catch(() => undefined);
  }
}
