import { Code, ConnectError } from "@connectrpc/connect";
import type { NodeRequest, NodeResponse } from "./node-call.ts";

/** Reads a request's body.
 *  @throws ConnectError RESOURCE_EXHAUSTED for one of more than `maxBytes`, of which the rest is not read; ABORTED when its client goes away */
export function readBody(request: NodeRequest, response: NodeResponse, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    // Made only when it is told: an error has a stack.
    const lost = () => reject(new ConnectError("the client went away", Code.Aborted));
    request.on("data", (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= maxBytes) return void pieces.push(piece);
      reject(new ConnectError(`message size is larger than the ${maxBytes} bytes that are read`, Code.ResourceExhausted));
      request.pause();
      // It is told first; what it goes on to send is nobody's.
      response.once("finish", () => void request.destroy());
    });
    request.on("end", () => {
      response.off("close", lost);
      const [only] = pieces;
      resolve(pieces.length === 1 && only ? only : Buffer.concat(pieces, bytes));
    });
    request.on("error", lost);
    response.once("close", lost);
  });
}
