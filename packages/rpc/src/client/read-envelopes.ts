import { Code, ConnectError } from "@connectrpc/connect";

/** One message of a stream as it travels: https://connectrpc.com/docs/protocol#streaming-request */
export interface Envelope {
  readonly flags: number;
  readonly data: Uint8Array;
}

const HEAD_BYTES = 5;

/** Splits a stream's bytes into its envelopes, whatever the borders of the pieces they arrive in. */
export class EnvelopeSplitter {
  readonly #maxBytes: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #wantedBytes = HEAD_BYTES;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes the next piece.
   *  @returns the envelopes that are whole with it, over its own bytes where they came in one piece
   *  @throws ConnectError RESOURCE_EXHAUSTED for one larger than `maxBytes` */
  take(piece: Buffer): Envelope[] {
    const heldBytes = this.#heldBytes + piece.length;
    // Put together only when one is whole, so that a large one is not copied with each piece of it.
    if (heldBytes < this.#wantedBytes) {
      this.#held.push(piece);
      this.#heldBytes = heldBytes;
      return [];
    }
    const whole = this.#heldBytes === 0 ? piece : Buffer.concat([...this.#held, piece], heldBytes);
    return this.#split(whole);
  }

  /** Ends the stream. @throws ConnectError ABORTED when the bytes ended within an envelope */
  end(): void {
    if (this.#heldBytes > 0) throw new ConnectError("the stream ended in the middle of a message", Code.Aborted);
  }

  #split(whole: Buffer): Envelope[] {
    const envelopes: Envelope[] = [];
    let rest = whole;
    for (;;) {
      this.#wantedBytes = sizeOfNext(rest, this.#maxBytes);
      if (rest.length < this.#wantedBytes) break;
      envelopes.push({ flags: rest.readUInt8(0), data: rest.subarray(HEAD_BYTES, this.#wantedBytes) });
      rest = rest.subarray(this.#wantedBytes);
    }
    this.#held = rest.length > 0 ? [rest] : [];
    this.#heldBytes = rest.length;
    return envelopes;
  }
}

function sizeOfNext(bytes: Buffer, maxBytes: number): number {
  if (bytes.length < HEAD_BYTES) return HEAD_BYTES;
  const dataBytes = bytes.readUInt32BE(1);
  if (dataBytes <= maxBytes) return HEAD_BYTES + dataBytes;
  throw new ConnectError(`a message of ${dataBytes} bytes is more than the ${maxBytes} that are read`, Code.ResourceExhausted);
}
