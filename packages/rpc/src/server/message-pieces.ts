import { type DescMessage, type Message, toBinary, type UnknownField } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** What is shorter is copied sooner than sent by itself. */
const LEAST_BYTES = 16_384;

/** A message's bytes, to be sent one piece after the other: long fields that are there as bytes already, such as a list's rows, go out as
 *  they are, and not as one copy more for each caller. Fields of a message may come in any order. */
export function messagePieces(schema: DescMessage, message: Message): readonly Uint8Array[] {
  const fields = message.$unknown ?? [];
  const long = fields.filter(isLong);
  if (long.length === 0) return [toBinary(schema, message)];
  message.$unknown = fields.filter((field) => !isLong(field));
  const rest = toBinary(schema, message);
  message.$unknown = fields;
  return [rest, ...long.flatMap(({ no, wireType, data }) => [new BinaryWriter().tag(no, wireType).finish(), data])];
}

function isLong({ wireType, data }: UnknownField): boolean {
  return wireType === WireType.LengthDelimited && data.length >= LEAST_BYTES;
}
