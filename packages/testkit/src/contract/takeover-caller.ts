import assert from "node:assert/strict";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type Attached,
  type AttachTerminalRequest,
  AttachTerminalRequestSchema,
  type AttachTerminalResponse,
} from "@mosaic/wire";
import type { ContractContext } from "./contract-case.ts";

/** What is answered, one at a time. */
export type Frame = AttachTerminalResponse["frame"];

interface Opening {
  readonly agent?: { readonly tenantId?: string; readonly host?: string; readonly name: string };
  readonly sourceLabel?: string;
}

/** Somebody who takes a terminal over, step by step. Disposing cancels the call. */
export class TakeoverCaller implements AsyncDisposable {
  readonly #steps = new Steps();
  readonly #call = new AbortController();
  readonly #frames: AsyncIterator<AttachTerminalResponse>;

  constructor(context: Pick<ContractContext, "client" | "signal">) {
    const signal = AbortSignal.any([context.signal, this.#call.signal]);
    this.#frames = context.client.attachTerminal(this.#steps, { signal })[Symbol.asyncIterator]();
  }

  /** Opens a takeover of alpha's `lead`, unless told otherwise, and reads what is answered.  */
  static async open(
    context: Pick<ContractContext, "client" | "signal">,
    open: Opening = {},
  ): Promise<TakeoverCaller & { readonly attached: Attached }> {
    const caller = new TakeoverCaller(context);
    caller.open(open);
    const frame = await caller.next();
    assert.ok(frame?.case === "attached", `the first frame is ${frame?.case}`);
    return Object.assign(caller, { attached: frame.value });
  }

  open(open: Opening = {}): void {
    const value = { agent: { tenantId: "team-a", host: "alpha", name: "lead" }, minIntervalMs: 20, ...open };
    this.send({ step: { case: "open", value } });
  }

  /** Types text, as UTF-8, or bytes. */
  type(keys: string | Uint8Array): void {
    const data = typeof keys === "string" ? new TextEncoder().encode(keys) : keys;
    this.send({ step: { case: "input", value: { data } } });
  }

  send(step: MessageInitShape<typeof AttachTerminalRequestSchema>): void {
    this.#steps.push(create(AttachTerminalRequestSchema, step));
  }

  /** Ends the keys, which is how one detaches. */
  hangUp(): void {
    this.#steps.end();
  }

  cancel(): void {
    this.#call.abort();
  }

  /** The next frame; undefined when there are no more. */
  async next(): Promise<Frame | undefined> {
    const next = await this.#frames.next();
    return next.done ? undefined : next.value.frame;
  }

  /** Reads until a frame is as wanted, and answers with all that was read. */
  async until(isWanted: (frame: Frame) => boolean): Promise<Frame[]> {
    const seen: Frame[] = [];
    for (let frame = await this.next(); frame !== undefined; frame = await this.next()) {
      seen.push(frame);
      if (isWanted(frame)) return seen;
    }
    assert.fail(`the stream ended after ${seen.map((frame) => frame.case).join(", ")}`);
  }

  /** Reads to the end. */
  async rest(): Promise<Frame[]> {
    const seen: Frame[] = [];
    for (let frame = await this.next(); frame !== undefined; frame = await this.next()) seen.push(frame);
    return seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#steps.end();
    this.#call.abort();
    // Cancelled: what it ends with is no surprise.
    await this.rest().catch(() => {});
  }
}

/** Requests that are made while the call runs. */
class Steps implements AsyncIterable<AttachTerminalRequest> {
  readonly #waiting: AttachTerminalRequest[] = [];
  #isOver = false;
  #wake = () => {};

  push(step: AttachTerminalRequest): void {
    this.#waiting.push(step);
    this.#wake();
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<AttachTerminalRequest> {
    for (;;) {
      for (let step = this.#waiting.shift(); step !== undefined; step = this.#waiting.shift()) yield step;
      if (this.#isOver) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
