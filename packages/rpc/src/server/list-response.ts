import { create, toBinary } from "@bufbuild/protobuf";
import { type Agent, AgentSchema, type ListResponse, ListResponseSchema } from "@mosaic/wire";
import type { ListAnswer } from "./fleet-handlers.ts";

/** Builds a List reply. In the binary format each row goes out as the bytes it was encoded to once, because encoding
 *  8,000 unchanged rows for each caller would be most of the answer's cost; JSON needs the messages themselves. */
export function listResponse(answer: ListAnswer, format: "binary" | "json"): ListResponse {
  const response = create(ListResponseSchema, {
    hosts: [...answer.hosts],
    epoch: answer.epoch,
    rev: answer.rev,
    nextPageToken: answer.nextPageToken,
    inconsistentContinue: answer.isInconsistent,
    conditions: [...(answer.conditions ?? [])],
    ...(answer.scope ? { scope: answer.scope } : {}),
  });
  if (format === "json") response.agents = [...answer.rows];
  else if (answer.rows.length > 0)
    response.$unknown = [{ no: AGENTS_FIELD, wireType: LENGTH_DELIMITED, data: encodedRun(answer.rows) }];
  return response;
}

/** Rows as one run of bytes for the repeated field `agents`: the runtime writes unknown fields verbatim after one tag, so
 *  the run starts with the first row's length and carries the tags of the others itself. */
function encodedRun(rows: readonly Agent[]): Uint8Array {
  const known = runs.get(rows);
  if (known) return known;
  const encoded = rows.map(encodedRow);
  const total = encoded.reduce((sum, bytes) => sum + bytes.length, 0);
  const run = new Uint8Array(total - TAG.length);
  let offset = -TAG.length;
  for (const bytes of encoded) {
    run.set(offset < 0 ? bytes.subarray(TAG.length) : bytes, Math.max(0, offset));
    offset += bytes.length;
  }
  runs.set(rows, run);
  return run;
}

// Rows are never changed once made, so their bytes can be kept as long as the row is.
function encodedRow(row: Agent): Uint8Array {
  const known = cache.get(row);
  if (known) return known;
  const body = toBinary(AgentSchema, row);
  const length = varint(body.length);
  const bytes = new Uint8Array(TAG.length + length.length + body.length);
  bytes.set(TAG);
  bytes.set(length, TAG.length);
  bytes.set(body, TAG.length + length.length);
  cache.set(row, bytes);
  return bytes;
}

/** How many bytes a row takes in an answer. Its bytes are kept for the answer itself. */
export function encodedSize(row: Agent): number {
  return encodedRow(row).length;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

const AGENTS_FIELD = ListResponseSchema.field.agents.number;
const LENGTH_DELIMITED = 2;
// A field number below 16 makes a tag of one byte; the contract test would fail on any other.
const TAG = [(AGENTS_FIELD << 3) | LENGTH_DELIMITED];
const cache = new WeakMap<Agent, Uint8Array>();
// A state hands out the same list until it changes, so the list itself names its bytes.
const runs = new WeakMap<readonly Agent[], Uint8Array>();
