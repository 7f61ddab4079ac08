import { toJson } from "@bufbuild/protobuf";
import { type Receipt, type ReceiptJson, ReceiptSchema } from "@mosaic/wire";

/** A receipt from a stream in the form in which unary calls have it. A module of its own, because it brings protobuf along. */
export function receiptJson(receipt: Receipt): ReceiptJson {
  return toJson(ReceiptSchema, receipt);
}
