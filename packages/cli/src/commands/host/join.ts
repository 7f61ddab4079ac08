import { EXIT_CODES, MosaicError } from "@mosaic/core";
import { fileStore, persistentId } from "@mosaic/host";
import { formatIdentity, parseJoinLine } from "@mosaic/identity";
import { parseEndpoint } from "@mosaic/rpc";
import type { CommandResult, Invocation } from "../../command.ts";
import { toEnrolmentEndpoint } from "../../enrolment/ask-enrolment.ts";
import { defaultListen } from "../../enrolment/default-listen.ts";
import { findFleet, type Joined, type JoinWorld, joinFleet } from "../../enrolment/join-fleet.ts";
import type { Io } from "../../io/io.ts";
import { prepareRoster, startJoinedNode } from "../../local/start-joined-node.ts";
import { plainText } from "../../output/plain-text.ts";

/** What `host join --json` prints. The names of its fields are a contract; see enrolment.test.ts. */
export interface HostJoinAnswer {
  readonly schema: "mosaic.host.join/1";
  readonly complete: true;
  readonly dry_run: boolean;
  readonly fleet: string;
  /** Null: a dry run. */
  readonly identity: string | null;
  readonly ends_at_unix_ms: number | null;
  /** False: it was a member before. */
  readonly changed: boolean;
  /** True: the aggregator expects the host now. */
  readonly expected: boolean;
  readonly listen: readonly string[];
  readonly addresses: readonly string[];
  /** `systemd`: the node runs as a unit of this user; `next` is what keeps it over logouts, null: nothing is missing. `by-hand`: `next`
   *  says how to start it. */
  readonly node: "systemd" | "by-hand";
  readonly next: string | null;
}

/** Lets this host into a fleet with a pasted line. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  const { flags, globals } = invocation;
  const { mosaicHome } = globals;
  const files = fileStore();
  const line = parseJoinLine(invocation.args.join(""));
  const world: JoinWorld = {
    ...{ clock: io.clock, files, signal: io.signal, timeoutMs: globals.timeoutMs ?? JOIN_TIMEOUT_MS },
    say: (text) => io.stderr.write(`${plainText(text)}\n`),
  };
  const dialOut = flags.text("dial-out") === undefined ? "" : toListen(flags.text("dial-out") ?? "");
  const isTold = dialOut !== "" || flags.texts("listen").length > 0;
  // Held until the node has it: another tenant may join this host at the same time.
  await using byDefault = isTold ? undefined : await defaultListen(files, mosaicHome);
  const listen = (byDefault?.listen ?? flags.texts("listen")).map(toListen);
  const named = flags.texts("address").map(toListen);
  const found = dialOut === "" ? listen.map((each) => reachable(each, io.hostName())) : ["dial-in"];
  const addresses = named.length > 0 ? named : found;
  const common = { schema: "mosaic.host.join/1", complete: true, fleet: line.fleet, listen, addresses } as const;
  if (flags.boolean("dry-run")) {
    const { endpoint } = await findFleet(line, world);
    const answer: HostJoinAnswer = {
      ...common,
      ...{ dry_run: true, identity: null, ends_at_unix_ms: null, changed: false, expected: false, node: "by-hand", next: null },
    };
    const where = `${endpoint.hostname}:${endpoint.port}`;
    const text = `Would join fleet ${line.fleet} at ${where}, which has proved to be it, serve ${listen.join(", ")} and be reached at ${addresses.join(", ")}.\n`;
    return { exitCode: EXIT_CODES.ok, envelope: answer, text: () => plainText(text.trimEnd()).concat("\n") };
  }
  const roster = await prepareRoster(invocation, io);
  const hostId = await persistentId(`${mosaicHome}/fleet/host_id`);
  const joined = await joinFleet(
    line,
    { mosaicHome, role: "node", hostId, host: roster.host, addresses, listen, dialOut },
    world,
  );
  const tenantId = joined.identity.kind === "node" ? joined.identity.tenantId : "";
  await roster.settle(tenantId);
  const node = flags.boolean("no-start") ? BY_HAND : await startJoinedNode(invocation, io);
  const isServed = node.kind === "by-hand" || byDefault === undefined || (await byDefault.isServed(io.clock, io.signal));
  const answer: HostJoinAnswer = {
    ...common,
    ...{
      dry_run: false,
      identity: formatIdentity(joined.identity),
      ends_at_unix_ms: joined.endsAtUnixMs,
      changed: joined.changed,
    },
    ...{ expected: joined.isExpected, node: node.kind, next: node.next },
  };
  const notes = isServed ? [] : [`its node does not listen at ${listen.join(", ")} yet; look at it with: mosaic gateway status`];
  return { exitCode: EXIT_CODES.ok, envelope: answer, text: () => textOf(answer, joined), notes };
}

const BY_HAND = { kind: "by-hand", next: "mosaic-node" } as const;
/** Two handshakes and a signature, over a network that may be slow, in ms. */
const JOIN_TIMEOUT_MS = 10_000;

function textOf({ fleet, identity, changed, expected, addresses, node, next }: HostJoinAnswer, { endsAtUnixMs }: Joined): string {
  const lines = [
    changed
      ? `This host is in fleet ${fleet} as ${identity}, until ${new Date(endsAtUnixMs).toISOString()}, and renews that itself.`
      : `This host was in fleet ${fleet} before, as ${identity}; its certificate was renewed, and the line was not used.`,
    ...(expected
      ? [`The fleet reaches it at ${addresses.join(", ")}.`]
      : ["The aggregator does not expect it yet: mosaic host add there."]),
    node === "systemd" ? "Its node runs as a unit of this user's systemd." : `Start its node: ${next}`,
    ...(node === "systemd" && next !== null ? [`It ends when this user logs out, until somebody types: ${next}`] : []),
  ];
  return lines.map((each) => `${plainText(each)}\n`).join("");
}

function toListen(text: string): string {
  const endpoint = toEnrolmentEndpoint(text);
  if (endpoint.kind === "tls")
    return `https://${endpoint.hostname.includes(":") ? `[${endpoint.hostname}]` : endpoint.hostname}:${endpoint.port}`;
  throw new MosaicError("USAGE", `a fleet reaches a host by TLS, not at ${text}`, { hint: "write <host>:<port>" });
}

function reachable(listen: string, hostName: string): string {
  const endpoint = parseEndpoint(listen);
  const isAny = endpoint.kind === "tls" && (endpoint.hostname === "0.0.0.0" || endpoint.hostname === "::");
  return isAny ? `https://${hostName}:${endpoint.port}` : listen;
}
