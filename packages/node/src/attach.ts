import { create } from "@bufbuild/protobuf";
import { type AuditLog, type Log, MosaicError, type TerminalKeyboard } from "@mosaic/core";
import type { CallContext, Takeover } from "@mosaic/rpc";
import { type Agent, type AttachTerminalResponse, AttachTerminalResponseSchema, type WatchTerminalResponse } from "@mosaic/wire";
import type { AttachRoll } from "./attach-roll.ts";
import { addressOf, type TerminalStreamDeps, watchPane } from "./terminal-streams.ts";
import { Typist } from "./typist.ts";

export interface AttachDeps extends TerminalStreamDeps {
  readonly keyboard: TerminalKeyboard;
  readonly audit: AuditLog;
  readonly roll: AttachRoll;
  readonly log: Log;
  readonly newId: () => string;
}

/** What the audit log and others are told of who gave no label. */
export const NO_LABEL = "not said";
/** Shortest time between two frames unless told otherwise, in ms: who types wants to see it. */
const DEFAULT_INTERVAL_MS = 25;

/** Serves AttachTerminal for one pane: the record in the audit log, then screens as WatchTerminal's, while keys are typed. The
 *  end of the keys, of the call or of the pane ends it, and is recorded with the number of bytes typed. Never touches the
 *  window's size.
 *  @throws MosaicError AGENT_NOT_RUNNING; MACHINE when the takeover can't be recorded: then nothing is typed */
export async function* attachPane(
  deps: AttachDeps,
  agent: Agent,
  takeover: Takeover,
  context: Pick<CallContext, "signal" | "carrier">,
): AsyncGenerator<AttachTerminalResponse> {
  assertAlive(agent);
  const label = takeover.open.sourceLabel || NO_LABEL;
  const attachId = deps.newId();
  const record = (action: string, facts: Record<string, string | number>) => {
    const { tenantId, host, name } = agent;
    return deps.audit.record({ action, actor: label, tenantId, host, agent: name, facts: { attach_id: attachId, ...facts } });
  };
  await record("agent.attach", { carrier: context.carrier });
  const startedMs = deps.clock.monotonicMs();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const others = deps.roll.enter(agent.name, attachId, label, ended);
  const onTyped = () => deps.roll.noteTyped(agent.name, label, deps.clock.nowUnixMs());
  const typist = new Typist(deps.keyboard, agent.pane?.paneId ?? "", onTyped);
  try {
    // Begins before the answer is read: who only types is not kept waiting.
    const idle = typist.start(takeover.input, context.signal);
    const value = { attachId, agent: addressOf(agent), others };
    yield create(AttachTerminalResponseSchema, { frame: { case: "attached", value } });
    const pace = { minIntervalMs: takeover.open.minIntervalMs || DEFAULT_INTERVAL_MS };
    const screens = watchPane(deps, agent, pace, AbortSignal.any([context.signal, idle]));
    yield* takeoverScreens(screens, agent, typist, context.signal);
  } finally {
    deps.roll.leave(agent.name, attachId);
    await typist.stop();
    const seconds = Math.round((deps.clock.monotonicMs() - startedMs) / 1000);
    // It is over all the same, whether that is on record or not.
    await record("agent.detach", { seconds, bytes: typist.bytes }).catch((thrown: unknown) =>
      deps.log.warn({ attachId, error: MosaicError.from(thrown).message }, "the end of a takeover could not be recorded"),
    );
    end();
  }
}

async function* takeoverScreens(
  screens: AsyncIterable<WatchTerminalResponse>,
  agent: Agent,
  typist: Typist,
  signal: AbortSignal,
): AsyncGenerator<AttachTerminalResponse> {
  for await (const { frame } of screens) {
    yield create(AttachTerminalResponseSchema, { frame });
    if (frame.case === "end") return;
  }
  const failure = await typist.stop();
  if (failure === undefined || signal.aborted) return;
  if (!(failure instanceof MosaicError) || failure.code !== "AGENT_NOT_RUNNING") throw failure;
  const reason = `"${agent.name}" on ${agent.host} takes no keys any more: its program has ended`;
  yield create(AttachTerminalResponseSchema, { frame: { case: "end", value: { reason } } });
}

function assertAlive(agent: Agent): void {
  if (agent.pane?.alive) return;
  throw new MosaicError("AGENT_NOT_RUNNING", `cannot attach: agent "${agent.name}" on ${agent.host} is not running`, {
    hint: "see its state: mosaic fleet ps",
  });
}
