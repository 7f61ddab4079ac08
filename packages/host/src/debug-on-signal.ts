import type { Log } from "@mosaic/core";

/** A log whose level can be changed while it is in use. */
export type LevelledLog = Pick<Log, "warn"> & { level: string };

/** How long a daemon stays at `debug`, in ms: long enough to see a fault come again, and nobody has to remember to end it. */
const DEBUG_MS = 15 * 60_000;

/** Lets SIGUSR2 set a daemon's log to `debug` for 15 minutes; a second one sets it back at once. Disposing ends it. */
export function debugOnSignal(log: LevelledLog): Disposable {
  const usual = log.level;
  let timer: NodeJS.Timeout | undefined;
  const back = () => {
    clearTimeout(timer);
    timer = undefined;
    log.level = usual;
  };
  const onSignal = () => {
    const isOn = timer !== undefined;
    if (isOn) back();
    // At the level `warn`, so that it is seen whatever the usual level is.
    log.warn({ log_level: isOn ? usual : "debug", seconds: isOn ? undefined : DEBUG_MS / 1000 }, "log level changed by SIGUSR2");
    if (isOn) return;
    log.level = "debug";
    timer = setTimeout(back, DEBUG_MS);
    timer.unref();
  };
  process.on("SIGUSR2", onSignal);
  return {
    [Symbol.dispose]() {
      process.off("SIGUSR2", onSignal);
      back();
    },
  };
}
