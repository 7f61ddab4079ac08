/** Takes the terminal over until the program ends: raw keys, bracketed paste, and the alternate screen if wanted. However
 *  the program ends, short of being killed outright, the terminal is given back as it was.
 *  @param {boolean} isAlternate */
export function takeTerminal(isAlternate) {
  const { stdin, stdout } = process;
  stdin.setRawMode(true);
  stdout.write(`${isAlternate ? "\x1b[?1049h" : ""}\x1b[?2004h`);
  let isTaken = true;

  function giveBack() {
    if (!isTaken) return;
    isTaken = false;
    try {
      stdout.write(`\x1b[?2004l\x1b[?7h${isAlternate ? "\x1b[?1049l" : `\x1b[${stdout.rows};1H\r\n`}`);
      stdin.setRawMode(false);
    } catch {
      // The terminal is gone already, and with it what there was to restore.
    }
  }

  process.on("exit", giveBack);
  process.on("SIGHUP", () => process.exit(129));
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (error) => {
      giveBack();
      console.error(error);
      process.exit(70);
    });
  }
}
