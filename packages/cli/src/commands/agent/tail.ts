import { formatAddress, MosaicError, parseAddress } from "@mosaic/core/light";
import type { TailResponse } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { safeJson, screenText } from "../../output/plain-text.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { placesFor } from "../../remote/endpoints.ts";
import { withStream } from "../../remote/open-stream.ts";

/** What `agent tail --json` prints. The names of its fields are a contract; see tail.test.ts. */
export interface TailAnswer {
  readonly schema: "mosaic.agent.tail/1";
  readonly complete: boolean;
  readonly tenant_id: string;
  readonly host: string;
  readonly name: string;
  readonly alternate_screen: boolean;
  readonly lines: readonly string[];
}

const DEFAULT_LINES = 80;
/** The contract's own limit. */
const MAX_LINES = 10_000;

/** Prints an agent's recent text, and with --follow what comes after. */
export async function run({ args, flags, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const isFollowing = flags.boolean("follow");
  const isJsonLines = flags.boolean("jsonl");
  if (isFollowing && globals.isJson)
    throw new MosaicError("USAGE", "--follow never ends, so it can't be one JSON value", { hint: "use --jsonl" });
  const lines = flags.integer("lines") ?? DEFAULT_LINES;
  if (lines < 1 || lines > MAX_LINES) throw new MosaicError("USAGE", `--lines must be 1 to ${MAX_LINES}, not ${lines}`);
  const agent = parseAddress(args[0] ?? "");
  const places = placesFor(flags.boolean("all-hosts") ? "all-hosts" : "anywhere", globals);
  const answers: TailAnswer[] = [];
  const take = (answer: TailAnswer) => {
    if (isJsonLines) io.stdout.write(`${safeJson(answer)}\n`);
    else if (isFollowing) io.stdout.write(textOf(answer));
    else answers.push(answer);
  };
  await withStream(places, deps, globals.timeoutMs ?? DEFAULT_TIMEOUT_MS, {
    name: `tail of ${formatAddress(agent)}`,
    signal: io.signal,
    async work(client, signal) {
      let last: TailAnswer | undefined;
      for await (const response of client.tail({ agent, lines, follow: isFollowing }, { signal })) {
        last = toTailAnswer(response, last);
        take(last);
      }
    },
  });
  return { exitCode: 0, envelope: joined(answers), text: () => answers.map(textOf).join("") };
}

function toTailAnswer(response: TailResponse, before: TailAnswer | undefined): TailAnswer {
  return {
    schema: "mosaic.agent.tail/1",
    complete: true,
    // The server says once who was meant.
    tenant_id: response.agent?.tenantId ?? before?.tenant_id ?? "",
    host: response.agent?.host ?? before?.host ?? "",
    name: response.agent?.name ?? before?.name ?? "",
    alternate_screen: response.alternateScreen,
    lines: response.lines.map(screenText),
  };
}

function joined(answers: readonly TailAnswer[]): TailAnswer {
  const first = answers[0] ?? {
    schema: "mosaic.agent.tail/1",
    complete: false,
    tenant_id: "",
    host: "",
    name: "",
    alternate_screen: false,
  };
  return { ...first, lines: answers.flatMap((answer) => answer.lines) };
}

function textOf(answer: TailAnswer): string {
  return answer.lines.map((line) => `${line}\n`).join("");
}
