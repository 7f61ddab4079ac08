import { toJson } from "@bufbuild/protobuf";
import { type HostStatus, type HostStatusJson, HostStatusSchema } from "@mosaic/wire";

/** A host's status from a stream in the form in which unary calls have it. A module of its own, because it brings protobuf along. */
export function hostStatusJson(status: HostStatus): HostStatusJson {
  return toJson(HostStatusSchema, status);
}
