import { type Clock, MosaicError } from "@mosaic/core/light";
import type { FleetClient } from "@mosaic/rpc";
import type { FollowPrinter } from "./follow-printer.ts";
import { followTarget, type LogNews } from "./follow-target.ts";
import type { LogLevel } from "./log-line.ts";
import type { LogTarget } from "./log-targets.ts";
import { exitCodeOf, isKeptBack, toRequest } from "./read-target.ts";

export interface FollowLogsDeps {
  readonly client: FleetClient;
  readonly clock: Clock;
  readonly printer: FollowPrinter;
  /** Whose logs there are now. */
  readonly findTargets: () => Promise<readonly LogTarget[]>;
}

export interface FollowLogsQuestion {
  readonly targets: readonly LogTarget[];
  readonly lines: number;
  readonly level: LogLevel;
  readonly signal: AbortSignal;
}

/** Each is a stream on the way to its host. */
const MOST_FOLLOWED = 256;
/** How long the beginning waits for those that have not told what was there, in ms. */
const BEGIN_WITHIN_MS = 3000;
/** How often it is looked whether there are new hosts, in ms. */
const LOOK_FOR_HOSTS_MS = 30_000;

/** Follows the logs of many daemons until the signal aborts; hosts that come later are followed too.
 *  @returns the exit code: 3 when some were never heard, 4 when none was
 *  @throws MosaicError USAGE for too many; what each was refused with when all were refused for good */
export async function followFleetLogs(deps: FollowLogsDeps, question: FollowLogsQuestion): Promise<number> {
  assertNotTooMany(question.targets);
  const { clock, printer } = deps;
  const over = new AbortController();
  const signal = AbortSignal.any([question.signal, over.signal]);
  const began = Promise.withResolvers<void>();
  const silent = new Map(question.targets.map((target) => [keyOf(target), target]));
  const refused = new Map<string, MosaicError>();
  const running = new Map<string, Promise<void>>();
  const settle = (target: LogTarget) => {
    silent.delete(keyOf(target));
    if (silent.size === 0) began.resolve();
  };
  const heard = new Set<string>();
  const onNews = (target: LogTarget, news: LogNews) => {
    if (news.kind !== "lost") heard.add(keyOf(target));
    printer.show(target, news);
    if (news.kind === "caught-up" || news.kind === "lost") settle(target);
  };
  const start = (target: LogTarget) => {
    const request = toRequest(target, { ...question, follow: true });
    const work = followTarget({ client: deps.client, clock, onNews }, target, request, signal).then((error) => {
      if (error) refused.set(keyOf(target), error);
      if (error && !isKeptBack(target, error)) printer.end(target, error);
      settle(target);
      // With nothing left to follow there is nothing to wait for.
      if (refused.size === running.size) over.abort();
    });
    running.set(keyOf(target), work);
  };
  for (const target of question.targets) start(target);
  await Promise.race([began.promise, clock.sleep(BEGIN_WITHIN_MS, signal)]);
  printer.begin();
  while (!signal.aborted) {
    await clock.sleep(LOOK_FOR_HOSTS_MS, signal);
    if (signal.aborted) break;
    // Whoever can't be asked now is asked again; that it is lost, the logs themselves say.
    const now = await deps.findTargets().catch(() => []);
    for (const target of now) if (!running.has(keyOf(target)) && running.size < MOST_FOLLOWED) start(target);
  }
  await Promise.all(running.values());
  const [first] = refused.values();
  if (first && refused.size === running.size && !question.signal.aborted) throw first;
  const missing = [...running.keys()].filter((key) => !heard.has(key) && !isOwn(key, refused));
  return exitCodeOf(heard.size, missing.length);
}

function assertNotTooMany(targets: readonly LogTarget[]): void {
  if (targets.length <= MOST_FOLLOWED) return;
  throw new MosaicError("USAGE", `${targets.length} logs are too many to follow at once; ${MOST_FOLLOWED} can be`, {
    hint: "name some with --host or --tenant, or leave --follow out",
  });
}

// An aggregator that keeps its log back is none that is missing.
function isOwn(key: string, refused: ReadonlyMap<string, MosaicError>): boolean {
  const error = refused.get(key);
  return error !== undefined && key.startsWith("aggregator ") && isKeptBack({ tenantId: "", host: "", aggregatorId: key }, error);
}

function keyOf({ tenantId, host, aggregatorId }: LogTarget): string {
  return aggregatorId === "" ? `${tenantId}/${host}` : `aggregator ${aggregatorId}`;
}
