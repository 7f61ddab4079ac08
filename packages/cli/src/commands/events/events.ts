import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import { fleetPaths } from "@mosaic/lifecycle";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { eventText } from "../../events/event-text.ts";
import { eventsQuestion, isAskedBy } from "../../events/events-question.ts";
import type { ListedEvent } from "../../events/listed-event.ts";
import { exitCodeOf, isAnswering } from "../../fleet/ps-answer.ts";
import type { PsHost } from "../../fleet/ps-host.ts";
import type { Io } from "../../io/io.ts";
import { LocalReader } from "../../local/local-events.ts";
import { safeJson } from "../../output/plain-text.ts";
import { textView } from "../../output/print-result.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { placesFor } from "../../remote/endpoints.ts";

/** What `events --json` prints. The names of its fields are a contract; see events.test.ts. */
export interface EventsAnswer {
  readonly schema: "mosaic.events/1";
  /** False: a host did not answer, or something is not kept any more. */
  readonly complete: boolean;
  /** The audit log of this host. Empty with --all-hosts, which has events only. */
  readonly path: string;
  /** What is missing, a sentence each. */
  readonly gaps: readonly string[];
  /** With --all-hosts: every host that was asked. */
  readonly hosts: readonly PsHost[];
  /** Lines of this host's event journals that are no events: a crash cut them short. */
  readonly unreadable_count: number;
  /** Oldest first. */
  readonly items: readonly ListedEvent[];
}

/** How long after a lost stream it is asked again, in ms. */
const RETRY_MS = 1000;

/** Prints what was done and what happened, as it is kept, and as it comes. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  return invocation.flags.boolean("all-hosts") ? await ofFleet(invocation, io, deps) : await ofThisHost(invocation, io);
}

async function ofThisHost({ flags, globals }: Invocation, io: Io): Promise<CommandResult> {
  const { auditPath: path } = fleetPaths(globals.mosaicHome);
  const question = eventsQuestion(flags, io.clock.nowUnixMs());
  const eventsFolder = `${globals.mosaicHome}/fleet/events`;
  const reader = new LocalReader({ auditPath: path, eventsFolder }, io, isAskedBy(question));
  const { items, unreadable } = await reader.read(question.lines);
  if (flags.boolean("follow")) {
    const print = printer({ flags, globals }, io);
    for (const item of items) print(item);
    await reader.follow(print);
    return { exitCode: EXIT_CODES.ok };
  }
  const nothing = items.length > 0 ? [] : [`nothing of that is on record in ${path} or kept in ${eventsFolder}`];
  const torn =
    unreadable === 0
      ? []
      : [`${unreadable} ${unreadable === 1 ? "line" : "lines"} in ${eventsFolder} can't be read: a crash cut them short`];
  return {
    ...result({ complete: true, path, gaps: [], hosts: [], unreadable_count: unreadable, items }, EXIT_CODES.ok),
    notes: [...nothing, ...torn],
  };
}

async function ofFleet(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const { flags, globals } = invocation;
  const { remoteEvents } = await import("../../events/remote-events.ts");
  const question = eventsQuestion(flags, io.clock.nowUnixMs());
  const isFollowing = flags.boolean("follow");
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const asked = { places: placesFor("all-hosts", globals), question, isFollowing, timeoutMs, after: new Map<string, string>() };
  // What the daemons don't tell apart: tenants and hosts of agents.
  const isAsked = isAskedBy({ ...question, hosts: [] });
  const [items, gaps]: [ListedEvent[], string[]] = [[], []];
  let hosts: readonly PsHost[] = [];
  const print = isFollowing ? printer(invocation, io) : (item: ListedEvent) => void items.push(item);
  const note = (text: string) => io.stderr.write(`${text}\n`);
  const taker = {
    onItem: (item: ListedEvent) => void (isAsked(item) && print(item)),
    onGap: isFollowing ? note : (reason: string) => void gaps.push(reason),
    onHosts: (told: readonly PsHost[]) => {
      hosts = told;
      if (isFollowing) for (const host of told.filter((each) => !isAnswering(each))) note(missingText(host));
    },
  };
  for (;;) {
    try {
      await remoteEvents(asked, io, deps, taker);
      if (!isFollowing) break;
    } catch (thrown) {
      const error = MosaicError.from(thrown);
      // One that was never reached may not be there at all.
      if (!isFollowing || io.signal.aborted || asked.after.size === 0 || !LOST.has(error.code)) throw thrown;
      note(`${error.message}; it is asked again for what comes meanwhile`);
    }
    await io.clock.sleep(RETRY_MS, io.signal);
    io.signal.throwIfAborted();
  }
  const complete = hosts.every(isAnswering) && gaps.length === 0;
  const exitCode = exitCodeOf({ complete, hosts }, flags.boolean("allow-partial"));
  return {
    // What the aggregator itself keeps is an answer even when no host gives one.
    ...result(
      { complete, path: "", gaps, hosts, unreadable_count: 0, items },
      exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.partial,
    ),
    notes: [...gaps, ...hosts.filter((host) => !isAnswering(host)).map(missingText)],
  };
}

const LOST: ReadonlySet<string> = new Set(["HOST_UNREACHABLE", "NOT_SERVED", "DEADLINE", "BUSY"]);

function missingText({ tenant_id, host, state, detail, code }: PsHost): string {
  return `${tenant_id}/${host} is ${state}${detail === "" ? code : `: ${detail}`}: its events are missing here`;
}

function result(answer: Omit<EventsAnswer, "schema">, exitCode: number): CommandResult {
  const { items } = answer;
  return {
    exitCode,
    envelope: { schema: "mosaic.events/1", ...answer } satisfies EventsAnswer,
    lines: () => items,
    text: (view) => items.map((item) => eventText(item, view)).join(""),
  };
}

function printer({ flags, globals }: Pick<Invocation, "flags" | "globals">, io: Io): (item: ListedEvent) => void {
  const isJson = flags.boolean("jsonl") || globals.isJson;
  const view = textView(io, globals.noColor);
  return (item) => io.stdout.write(isJson ? `${safeJson(item)}\n` : eventText(item, view));
}
