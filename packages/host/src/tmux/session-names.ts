import { MosaicError } from "@mosaic/core";

/** Checks that a session of that name will be found under that name. tmux before 3.7 turns dots and colons into `_` without a
 *  word; `#` starts a format, and a first `$` or `=` a way to name a session by something else.
 *  @throws MosaicError `USAGE` */
export function assertStartable(session: string): void {
  if (/^[^.:#\p{Cc}$=\s][^.:#\p{Cc}]*$/u.test(session)) return;
  throw new MosaicError("USAGE", `${JSON.stringify(session)} can't be the name of a tmux session`, {
    hint: "use letters, digits, - and _",
  });
}

/** Says whether tmux refused a name because a session has it. */
export function isDuplicate(message: string): boolean {
  return message.includes("duplicate session");
}
