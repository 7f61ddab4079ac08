import { MosaicError, type PartialAddress, parseAddress } from "@mosaic/core/light";
import { newMessageId } from "@mosaic/host/machine";
import type { Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import type { GlobalOptions } from "../../parse/global-options.ts";

export type WaitFor = "queued" | "delivered" | "entered" | "accepted" | "answered";

/** What `agent send` was asked. */
export interface SendOptions {
  readonly globals: GlobalOptions;
  readonly address: PartialAddress;
  readonly text: string;
  readonly messageId: string;
  readonly sourceLabel: string;
  readonly waitFor: WaitFor;
  readonly waitMs: number;
  /** True when the exit code must say whether `waitFor` was reached. */
  readonly mustReach: boolean;
  readonly isAllHosts: boolean;
  /** For how long it may be put before the agent. Undefined: the server's own, 24 hours. */
  readonly expiresInMs: number | undefined;
  /** True: after a crash that leaves open whether it was typed, it is typed again. */
  readonly atLeastOnce: boolean;
}

/** Largest text of a message, in bytes of UTF-8; see SendRequest in the contract. */
const MAX_MESSAGE_BYTES = 262_144;
const DEFAULT_WAIT_MS = 10_000;
/** The contract's own limit. */
const MAX_WAIT_MS = 600_000;
/** As the contract has it: 7 days. */
const MAX_LIFE_MS = 604_800_000;

/** Reads the flags of `agent send`, and the text from where it is.
 *  @throws MosaicError USAGE for flags that contradict each other or an empty text, MESSAGE_TOO_LARGE */
export async function sendOptions({ args, flags, globals }: Invocation, io: Io): Promise<SendOptions> {
  const address = parseAddress(args[0] ?? "");
  const isVerified = flags.boolean("verify");
  const wanted = flags.text("wait") as WaitFor | undefined;
  if (isVerified && wanted !== undefined && wanted !== "accepted" && wanted !== "answered") {
    throw new MosaicError("USAGE", `--verify waits for more than --wait ${wanted}`, { hint: "leave out one of them" });
  }
  const common = messageOptions({ flags, globals }, io);
  return {
    ...common,
    globals,
    address,
    text: await readText(flags.text("message"), flags.text("file"), io),
    waitFor: wanted ?? (isVerified ? "accepted" : "entered"),
    mustReach: isVerified || common.mustReach,
    isAllHosts: flags.boolean("all-hosts"),
    expiresInMs: checkedLife(flags.durationMs("expires")),
    atLeastOnce: flags.boolean("at-least-once"),
  };
}

/** Reads the flags that every command has which types something: --id, --source-label, --wait and --timeout.
 *  @throws MosaicError USAGE */
export function messageOptions(
  { flags, globals }: Pick<Invocation, "flags" | "globals">,
  io: Io,
): Pick<SendOptions, "messageId" | "sourceLabel" | "waitFor" | "waitMs" | "mustReach"> {
  const waitMs = globals.timeoutMs ?? DEFAULT_WAIT_MS;
  if (waitMs > MAX_WAIT_MS)
    throw new MosaicError("USAGE", "--timeout: a server waits at most 10m for a message", { hint: "use --timeout 10m" });
  const wanted = flags.text("wait") as WaitFor | undefined;
  return {
    messageId: checkedId(flags.text("id")) ?? newMessageId(),
    sourceLabel: flags.text("source-label") ?? `${io.hostName()}:operator`,
    waitFor: wanted ?? "entered",
    waitMs: Math.max(1, waitMs),
    mustReach: wanted !== undefined,
  };
}

async function readText(message: string | undefined, file: string | undefined, io: Io): Promise<string> {
  if ((message === undefined) === (file === undefined)) {
    throw new MosaicError("USAGE", "say what to send: either --message or --file", {
      hint: 'mosaic agent send lead --message "run the tests"',
    });
  }
  const text = message ?? (await readFileText(file ?? "-", io));
  if (text.trim() === "") throw new MosaicError("USAGE", "the text is empty: nothing was sent");
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_MESSAGE_BYTES) return text;
  throw new MosaicError(
    "MESSAGE_TOO_LARGE",
    `the text is ${bytes} bytes, and a message may be ${MAX_MESSAGE_BYTES}: nothing was sent`,
    {
      hint: "put it into a file that the agent can read, and send the path",
    },
  );
}

async function readFileText(path: string, io: Io): Promise<string> {
  const isPiped = path === "-";
  // One byte more than a message may have, so that one that is too large is seen and not cut.
  const bytes = isPiped ? await io.stdin.readAll(MAX_MESSAGE_BYTES + 2) : await io.readFile(path, MAX_MESSAGE_BYTES + 2);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r?\n$/, "");
  } catch (cause) {
    throw new MosaicError("USAGE", `${isPiped ? "standard input" : path} is not UTF-8 text: nothing was sent`, { cause });
  }
}

function checkedLife(ms: number | undefined): number | undefined {
  if (ms === undefined || (ms >= 1 && ms <= MAX_LIFE_MS)) return ms;
  throw new MosaicError("USAGE", "--expires: a message is tried for 1ms to 7d", { hint: "use --expires 7d" });
}

function checkedId(id: string | undefined): string | undefined {
  if (id === undefined || /^[A-Za-z0-9_.:-]{1,128}$/.test(id)) return id;
  throw new MosaicError("USAGE", `--id: not a message id: ${JSON.stringify(id.slice(0, 80))}`, {
    hint: "letters, digits and _ . : - only, at most 128",
  });
}
