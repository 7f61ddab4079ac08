import { fromBinary, toJson } from "@bufbuild/protobuf";
import { type ErrorInfoJson, ErrorInfoSchema } from "@mosaic/wire";

/** Decodes an ErrorInfo from the base64 of its bytes; undefined when it is none. */
export function decodeErrorInfoDetail(base64: string): ErrorInfoJson | undefined {
  try {
    return toJson(ErrorInfoSchema, fromBinary(ErrorInfoSchema, Buffer.from(base64, "base64")));
  } catch {
    // A detail that does not decode must not hide the error that it belongs to.
    return undefined;
  }
}
