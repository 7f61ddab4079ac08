import { formatAddress, MosaicError, parseAddress } from "@mosaic/core/light";
import type { ResetRequestJson, ResetResponseJson } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { plainText } from "../../output/plain-text.ts";
import { askFirst, placesFor } from "../../remote/endpoints.ts";
import { needingNode } from "./needs-node.ts";
import { SLACK_MS, WAIT_NAMES, withWayOn } from "./send.ts";
import { messageOptions } from "./send-options.ts";
import { sentenceOf, wayOnOf } from "./send-sentence.ts";
import { exitCodeOfReceipt, type SentReceipt, toSentReceipt } from "./sent-receipt.ts";

/** What `agent reset --json` prints. The names of its fields are a contract; see reset.test.ts. */
export interface ResetAnswer {
  readonly schema: "mosaic.agent.reset/1";
  /** True when the state that was asked for is reached. */
  readonly complete: boolean;
  /** What was typed. */
  readonly command: string;
  readonly receipt: SentReceipt;
}

/** Starts a fresh conversation in exactly one agent, and tells how far that is known to have come. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const { args, flags, globals } = invocation;
  const agent = parseAddress(args[0] ?? "");
  if (!flags.boolean("new")) {
    const hint = `mosaic agent reset ${formatAddress(agent)} --new`;
    throw new MosaicError("USAGE", "say --new: a reset throws the agent's conversation away for a new one", { hint });
  }
  const options = messageOptions(invocation, io);
  const request: ResetRequestJson = {
    agent: { ...agent },
    messageId: options.messageId,
    sourceLabel: options.sourceLabel,
    waitFor: WAIT_NAMES[options.waitFor],
    waitMs: options.waitMs,
  };
  const places = placesFor(flags.boolean("all-hosts") ? "all-hosts" : "anywhere", globals);
  const reply = await needingNode("agent reset", places, () =>
    askFirst(places, (place) =>
      deps.remote.unary<ResetResponseJson>(place.endpoint, "Reset", request, options.waitMs + SLACK_MS),
    ).catch((thrown: unknown) => {
      throw withWayOn(MosaicError.from(thrown), options);
    }),
  );
  if (!reply.receipt) throw new MosaicError("INTERNAL", "the server took the reset and gave no receipt");
  const receipt = toSentReceipt(reply.receipt);
  const exitCode = exitCodeOfReceipt(receipt, options);
  const command = reply.command ?? "";
  const answer: ResetAnswer = { schema: "mosaic.agent.reset/1", complete: exitCode === 0, command, receipt };
  const told = `${command}: ${sentenceOf(receipt, { ...options, proof: "use --wait accepted" })}`;
  const lines = [told, wayOnOf(receipt, options)].filter((line) => line !== "");
  return { exitCode, envelope: answer, text: () => `${lines.map(plainText).join("\n  ")}\n` };
}
