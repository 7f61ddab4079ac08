import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import { type DiscoverDeps, discoverDaemons, idHashOf, openProvider } from "@mosaic/discovery";
import { connectSystemBus } from "@mosaic/host";
import type { HostStatusJson } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { type DiscoverAnswer, toDiscoverAnswer } from "../../fleet/discover-answer.ts";
import type { Io } from "../../io/io.ts";
import { discoverTable } from "../../output/discover-table.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { askFirst, placesFor } from "../../remote/endpoints.ts";
import { listHosts } from "../../remote/list-fleet.ts";

/** Looks for daemons on the local network. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const open = () =>
    openProvider({
      clock: io.clock,
      random: Math.random,
      connectBus: () => connectSystemBus(io.env["DBUS_SYSTEM_BUS_ADDRESS"], io.signal),
    });
  return await discover(invocation, io, deps, { openProvider: open });
}

/** As `run`, with multicast DNS from somewhere. */
export async function discover(
  { flags, globals }: Invocation,
  io: Io,
  deps: CommandDeps,
  multicast: Omit<DiscoverDeps, "clock">,
): Promise<CommandResult> {
  const places = placesFor("all-hosts", globals);
  const [discovery, fleet] = await Promise.all([
    discoverDaemons({ ...multicast, clock: io.clock }, globals.timeoutMs ?? LOOK_MS, io.signal),
    knownHosts(() => askFirst(places, (place) => listHosts(deps.remote, place, WHOLE_FLEET))),
  ]);
  const answer = toDiscoverAnswer(discovery, fleet.hosts, idHashOf, io.signal.aborted);
  const isWide = flags.boolean("wide");
  return {
    exitCode: exitCodeOf(answer, io.signal.aborted),
    envelope: answer,
    lines: () => linesOf(answer),
    text: (view) => discoverTable(answer, isWide ? { ...view, columns: undefined } : view),
    notes: [...notesOf(answer), ...(answer.items.length > 0 ? fleet.notes : [])],
  };
}

/** How long to look, in ms: a service that is there answers within 1 s, also when the first question was lost. */
const LOOK_MS = 3000;
const WHOLE_FLEET = { tenants: [], hosts: [], isLive: false, timeoutMs: DEFAULT_TIMEOUT_MS } as const;

interface KnownHosts {
  readonly hosts: readonly HostStatusJson[] | undefined;
  readonly notes: readonly string[];
}

async function knownHosts(ask: () => Promise<readonly HostStatusJson[]>): Promise<KnownHosts> {
  try {
    return { hosts: await ask(), notes: [] };
  } catch (thrown) {
    // What was found is worth showing without it.
    const { message } = MosaicError.from(thrown);
    return { hosts: undefined, notes: [`which of them are enrolled can't be told: ${message}`] };
  }
}

function exitCodeOf({ complete, items }: DiscoverAnswer, wasInterrupted: boolean): number {
  if (wasInterrupted) return EXIT_CODES.interrupted;
  if (items.length === 0) return EXIT_CODES.nobodyAnswered;
  return complete ? EXIT_CODES.ok : EXIT_CODES.partial;
}

function notesOf({ items, problems, left_out_count }: DiscoverAnswer): string[] {
  return [
    ...problems.map((problem) => `could not look everywhere: ${problem}`),
    ...(left_out_count > 0 ? [`left out: more than 1024 announcements, which no real network has`] : []),
    ...(items.length === 0 ? NOBODY : []),
    ...(items.some(({ enrolled }) => enrolled !== true) ? ["hint: discovered is not enrolled; see mosaic host add --help"] : []),
  ];
}

const NOBODY = [
  "why that may be: no daemon there was started with --advertise and --listen; a firewall drops UDP port 5353; they are on another network, which multicast does not reach",
  "hint: start mosaic-node --listen 127.0.0.1:8787 --advertise there, or name a daemon with --endpoint",
];

function* linesOf({ schema, items, ...summary }: DiscoverAnswer): Iterable<object> {
  for (const item of items) yield { schema, type: "daemon", ...item };
  yield { schema, type: "summary", ...summary, item_count: items.length };
}
