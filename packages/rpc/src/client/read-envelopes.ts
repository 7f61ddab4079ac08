import { Code, ConnectError } from "@connectrpc/connect";

/** One message of a stream as it travels: https://connectrpc.com/docs/protocol#streaming-request */
export interface Envelope {
  readonly flags: number;
  readonly data: Uint8Array;
}

const HEAD_BYTES = 5;

/** Splits a stream's bytes into its envelopes, whatever the borders of the pieces they arrive in.
 *  @throws ConnectError RESOURCE_EXHAUSTED for one larger than `maxBytes`, ABORTED when the bytes end within one */
export async function* readEnvelopes(pieces: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Envelope> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let wantedBytes = HEAD_BYTES;
  for await (const piece of pieces) {
    held.push(piece);
    heldBytes += piece.length;
    // Put together only when one is whole, so that a large one is not copied with each piece of it.
    if (heldBytes < wantedBytes) continue;
    let rest = held.length === 1 ? piece : Buffer.concat(held, heldBytes);
    for (;;) {
      wantedBytes = sizeOfNext(rest, maxBytes);
      if (rest.length < wantedBytes) break;
      yield { flags: rest.readUInt8(0), data: rest.subarray(HEAD_BYTES, wantedBytes) };
      rest = rest.subarray(wantedBytes);
    }
    held = rest.length > 0 ? [rest] : [];
    heldBytes = rest.length;
  }
  if (heldBytes > 0) throw new ConnectError("the stream ended in the middle of a message", Code.Aborted);
}

function sizeOfNext(bytes: Buffer, maxBytes: number): number {
  if (bytes.length < HEAD_BYTES) return HEAD_BYTES;
  const dataBytes = bytes.readUInt32BE(1);
  if (dataBytes <= maxBytes) return HEAD_BYTES + dataBytes;
  throw new ConnectError(`a message of ${dataBytes} bytes is more than the ${maxBytes} that are read`, Code.ResourceExhausted);
}
