/** Which rpcs there are, and a request for each about somebody: read off the contract, so that a new rpc is tried without a word here. */
import { create, type DescField, type DescMessage, type DescMethod, type Message } from "@bufbuild/protobuf";
import { EnrolmentService, FleetService } from "@mosaic/wire";

/** Whom requests are about. */
export interface Subject {
  readonly tenantId: string;
  readonly host: string;
  readonly hostId: string;
  readonly agent: string;
  readonly messageId: string;
}

export const FLEET_RPCS: readonly DescMethod[] = FleetService.methods;
export const ENROLMENT_RPCS: readonly DescMethod[] = EnrolmentService.methods;

/** A request of a method that is about a subject, and asks for all that there is to see. It would do harm if it were admitted.
 *  An rpc with a field that has to be something special is refused as INVALID_ARGUMENT; then the field has to be named below. */
export function requestAbout(method: DescMethod, subject: Subject): Message {
  return fill(method.input, subject);
}

function fill(schema: DescMessage, subject: Subject): Message {
  const values: Record<string, unknown> = {};
  const isChosen = new Set<string>();
  for (const field of schema.fields) {
    const value = valueFor(field, subject);
    if (value === undefined) continue;
    if (!field.oneof) values[field.localName] = value;
    else if (!isChosen.has(field.oneof.name)) values[field.oneof.localName] = { case: field.localName, value };
    if (field.oneof) isChosen.add(field.oneof.name);
  }
  return create(schema, values as never);
}

function valueFor(field: DescField, subject: Subject): unknown {
  const named = namedValues(subject);
  if (Object.hasOwn(named, field.name)) return named[field.name];
  if (field.fieldKind === "message") return fill(field.message, subject);
  // Of each list of choices the first that is one.
  if (field.fieldKind === "enum") return field.enum.values.find(({ number }) => number > 0)?.number;
  return undefined;
}

function namedValues({ tenantId, host, hostId, agent, messageId }: Subject): Readonly<Record<string, unknown>> {
  return {
    ...{ tenant_id: tenantId, tenant_ids: [tenantId], host, hosts: [host], host_id: hostId, names: [agent], name: agent },
    ...{ message_id: messageId, message_ids: [messageId], text: "typed by a stranger", with_text: true, follow: true, lines: 50 },
    ...{ wait_ms: 1, request_id: "r-1", source_label: "probe", addresses: ["https://127.0.0.1:9"], draining: true, ban: true },
    ...{ may_duplicate: true, live: true, policy: undefined, wait_for: undefined },
    // What is needed to be understood at all by whoever lets people in.
    ...{ invitation_id: "0".repeat(32), secret: "s".repeat(43), csr: new Uint8Array([48]), chain: "none" },
    ...{ fingerprint: "lusab-babad-gutih-tugad-mudof-sakat" },
  };
}
