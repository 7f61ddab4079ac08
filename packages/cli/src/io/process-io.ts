import { hostname } from "node:os";
import { isatty } from "node:tty";
import { MosaicError } from "@mosaic/core/light";
import { systemClock } from "@mosaic/host/system-clock";
import { type Io, type Output, OutputClosed } from "./io.ts";

/** The real world of this process. Streams are opened when first used: each costs a few ms of start-up. */
export function processIo(): Io {
  const stop = new AbortController();
  const interrupt = () => stop.abort(new MosaicError("CANCELLED", "interrupted"));
  // Once only: whoever presses Ctrl-C a second time wants the system's own, unconditional end.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, interrupt);
  return {
    get stdin() {
      return lazily.stdin();
    },
    stdout: outputOf(1, () => process.stdout, stop),
    stderr: outputOf(2, () => process.stderr, stop),
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    hostName: hostname,
    readFile: (path, maxBytes) => lazily.readFile(path, maxBytes),
    signal: stop.signal,
  };
}

function outputOf(descriptor: number, open: () => NodeJS.WriteStream, stop: AbortController): Output {
  const isTerminal = isatty(descriptor);
  let opened: NodeJS.WriteStream | undefined;
  const stream = () => {
    opened ??= open().on("error", (error: NodeJS.ErrnoException) => {
      // Nothing can be said to a reader that is gone; whatever still runs for its sake ends.
      if (error.code === "EPIPE" || error.code === "EIO") stop.abort(new OutputClosed("nobody reads the output"));
      else if (descriptor === 1) stop.abort(outputFailed(error));
      // Of stderr only the talk is lost: what was asked for goes on, and its exit code says how it went.
    });
    return opened;
  };
  return {
    isTerminal,
    // 0 is the size of a terminal that nobody has told its size.
    get columns() {
      return (isTerminal && stream().columns) || undefined;
    },
    get rows() {
      return (isTerminal && stream().rows) || undefined;
    },
    write: (text) => void stream().write(text),
    flushed: () => new Promise((resolve) => void stream().write("", () => resolve())),
    onResize(listener) {
      stream().on("resize", listener);
      return { [Symbol.dispose]: () => void stream().off("resize", listener) };
    },
  };
}

/** Says at once that the answer can't be written, on a full disk for example: the command may be over by now, and its exit code 0. */
function outputFailed(error: NodeJS.ErrnoException): MosaicError {
  const failed = new MosaicError("MACHINE", `cannot write the output: ${error.message}`);
  process.once("exit", (code) => {
    if (code === 0) process.exitCode = failed.exitCode;
  });
  try {
    // Asked for only here: on the way to an answer nothing else needs it.
    process.getBuiltinModule("node:fs").writeSync(2, `mosaic: ${failed.message}\nhint: see what is full: df -h\n`);
  } catch {
    // Both may go to the same full disk; the exit code is left to say it.
  }
  return failed;
}

const lazily = {
  stdin(): Io["stdin"] {
    return {
      isTerminal: isatty(0),
      readAll: async (maxBytes) => (await import("./read-input.ts")).readInput(maxBytes),
      openKeys(listener) {
        return this.openKeyBytes((data) => listener(Buffer.from(data).toString("utf8")));
      },
      openKeyBytes(listener) {
        const keys = (data: Buffer) => listener(data);
        process.stdin.setRawMode(true);
        process.stdin.on("data", keys).resume();
        return {
          [Symbol.dispose]() {
            process.stdin.off("data", keys).pause();
            process.stdin.setRawMode(false);
          },
        };
      },
    };
  },
  async readFile(path: string, maxBytes: number): Promise<Uint8Array> {
    const { readFileCapped } = await import("./read-input.ts");
    return readFileCapped(path, maxBytes);
  },
};
