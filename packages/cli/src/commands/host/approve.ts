import { EXIT_CODES, MosaicError } from "@mosaic/core";
import { fileStore } from "@mosaic/host";
import type { ApproveResponseJson } from "@mosaic/wire";
import type { CommandResult, Invocation } from "../../command.ts";
import { askAuthority } from "../../enrolment/ask-enrolment.ts";
import type { Io } from "../../io/io.ts";
import { plainText } from "../../output/plain-text.ts";

/** What `host approve --json` prints. The names of its fields are a contract; see enrolment.test.ts. */
export interface HostApproveAnswer {
  readonly schema: "mosaic.host.approve/1";
  readonly complete: true;
  /** Who may come in now. */
  readonly identity: string;
}

/** Lets in who waits, by six words that a person has compared. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  const fingerprint = invocation.args
    .join("-")
    .toLowerCase()
    .replace(/[\s-]+/g, "-");
  if (!/^[a-z]{5}(-[a-z]{5}){5}$/.test(fingerprint))
    throw new MosaicError("USAGE", "those are not six words", {
      hint: "as mosaic host join shows them: lusab-babad-gutih-tugad-mudof-sakat",
    });
  const sourceLabel = invocation.flags.text("source-label") ?? `${io.hostName()}:operator`;
  const { identity = "" } = await askAuthority<ApproveResponseJson>(
    "Approve",
    { fingerprint, sourceLabel },
    invocation,
    io,
    fileStore(),
  );
  const answer: HostApproveAnswer = { schema: "mosaic.host.approve/1", complete: true, identity };
  return { exitCode: EXIT_CODES.ok, envelope: answer, text: () => `${plainText(identity)} may come in now.\n` };
}
