import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import { formatEndpoint, parseEndpoint } from "@mosaic/rpc/plain-unary";
import type { AddHostRequestJson, AddHostResponseJson } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { type ListedHost, toListedHost } from "../../fleet/host-list.ts";
import { freshReading } from "../../fleet/ps-host.ts";
import type { Io } from "../../io/io.ts";
import { stateSentence } from "../../output/host-sentence.ts";
import { plainText } from "../../output/plain-text.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import type { Place } from "../../remote/endpoints.ts";
import { listHosts } from "../../remote/list-fleet.ts";
import { askAggregator, changeFacts } from "./ask-aggregator.ts";
import { formatHostName, parseHostName, roleOf } from "./host-name.ts";
import { memberText, type ToldMember, toToldMember } from "./told-member.ts";

/** What `host add --json` prints. The names of its fields are a contract; see add.test.ts. */
export interface HostAddAnswer {
  readonly schema: "mosaic.host.add/1";
  /** True: it is expected. Whether it answers is another matter, and in `hosts`. */
  readonly complete: true;
  /** False: it was expected just so before. */
  readonly changed: boolean;
  readonly member: ToldMember;
  /** The host as it is now, or, for an aggregator, the row that stands for it until it was heard. */
  readonly hosts: readonly ListedHost[];
}

/** Expects a host from now on, and says whether it answers. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const { args, flags } = invocation;
  const name = parseHostName(args[0] ?? "");
  const role = roleOf(flags.text("role"));
  const request: AddHostRequestJson = {
    ...name,
    ...role,
    addresses: flags.texts("address").map((address) => formatEndpoint(parseEndpoint(address))),
    hostId: flags.text("host-id") ?? "",
    ...changeFacts(invocation, io),
  };
  assertWhole(request);
  const { reply, place } = await askAggregator<AddHostResponseJson>("AddHost", request, invocation, deps);
  const member = toToldMember(reply.member);
  const hosts = await firstWord(member, place, invocation, io, deps);
  const answer: HostAddAnswer = { schema: "mosaic.host.add/1", complete: true, changed: reply.changed ?? false, member, hosts };
  return { exitCode: EXIT_CODES.ok, envelope: answer, text: () => `${plainText(sentenceOf(answer))}\n` };
}

function assertWhole({ role, tenantId = "", host = "", addresses = [] }: AddHostRequestJson): void {
  if (addresses.length === 0) {
    throw new MosaicError("USAGE", `say where ${formatHostName({ tenantId, host })} is: --address`, {
      hint: `mosaic host add ${formatHostName({ tenantId, host })} --address 127.0.0.1:8787`,
    });
  }
  if (role === "ROLE_AGGREGATOR" && tenantId !== "") {
    throw new MosaicError("USAGE", "an aggregator has a name and no tenant", {
      hint: `mosaic host add ${host} --role aggregator --address …`,
    });
  }
  if (role !== "ROLE_AGGREGATOR" && tenantId === "") {
    throw new MosaicError("USAGE", `say whose host it is: <tenant>/${host}`, {
      hint: `for another aggregator: mosaic host add ${host} --role aggregator --address …`,
    });
  }
}

/** How long the first word of a host is waited for, in ms: three attempts of the aggregator. */
const FIRST_WORD_MS = 1500;
const LOOK_EVERY_MS = 100;

// A typing error in the address is best told while who made it still looks.
async function firstWord(
  member: ToldMember,
  place: Place,
  { globals }: Invocation,
  io: Io,
  deps: CommandDeps,
): Promise<readonly ListedHost[]> {
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const question = { tenants: [], hosts: [member.host], isLive: false, timeoutMs };
  const endMs = io.clock.monotonicMs() + FIRST_WORD_MS;
  for (;;) {
    const listed = (await listHosts(deps.remote, place, question)).map((status) => toListedHost(freshReading(status)));
    const hosts = listed.filter((host) => host.tenant_id === member.tenant_id);
    const isWarming = hosts.some(({ state }) => state === "WARMING");
    if (!isWarming || io.signal.aborted || io.clock.monotonicMs() >= endMs) return hosts;
    await io.clock.sleep(LOOK_EVERY_MS, io.signal);
  }
}

function sentenceOf({ changed, member, hosts }: HostAddAnswer): string {
  const [host] = hosts;
  const where = member.addresses.join(" or ");
  const done = changed
    ? `${memberText(member)} is expected from now on, at ${where}`
    : `${memberText(member)} was expected so before, at ${where}; nothing changed`;
  return host ? `${done}. It is ${stateSentence(host)}.` : `${done}.`;
}
