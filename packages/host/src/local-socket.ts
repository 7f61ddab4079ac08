import { chmod, lstat, rename, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { MosaicError } from "@mosaic/core";
import { machineFailure } from "./machine-failure.ts";
import { makeFolder } from "./make-folder.ts";

/** Makes a path free for a daemon's Unix socket: its folder exists and only its owner may change it, nothing answers at the
 *  path, and a socket that a dead daemon left there is gone. A folder that this makes has mode 0700.
 *  @throws MosaicError `ALREADY_RUNNING` when something answers there; `USAGE` for a path too long for a socket; `MACHINE`
 *  when the folder is open to others or can't be written, or the path is taken by something that is no socket. */
export async function claimSocketPath(path: string): Promise<void> {
  assertFits(path);
  try {
    await makeFree(path);
  } catch (error) {
    throw machineFailure(`cannot listen on "${path}"`, error);
  }
}

async function makeFree(path: string): Promise<void> {
  await makePrivateFolder(dirname(path));
  const found = await lstat(path).catch(undefinedWhenAbsent);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new MosaicError("MACHINE", `cannot listen on "${path}": something that is no socket is in the way`, {
      hint: `mv ${path} ${path}.old`,
    });
  }
  if (await socketAnswers(path, ANSWER_WITHIN_MS)) throw alreadyRunning(path);
  await removeStale(path);
}

/** Says whether something listens on a Unix socket. A listener too busy to accept within the time counts as one.
 *  @throws MosaicError `MACHINE` when this user may not connect. */
export function socketAnswers(path: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    const settle = (end: () => void) => {
      socket.destroy();
      end();
    };
    socket.setTimeout(timeoutMs, () => settle(() => resolve(true)));
    socket.once("connect", () => settle(() => resolve(true)));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      settle(() => {
        if (NOBODY_CODES.has(error.code ?? "")) resolve(false);
        // The listener's queue is full, so there is a listener.
        else if (error.code === "EAGAIN") resolve(true);
        else reject(new MosaicError("MACHINE", `cannot connect to "${path}": ${error.message}`, { cause: error }));
      }),
    );
  });
}

/** sockaddr_un has 108 bytes on Linux, the last one for the closing NUL. */
const MAX_PATH_BYTES = 107;
/** A daemon that serves accepts at once; this is for one that is stopped in a debugger or swapping. */
const ANSWER_WITHIN_MS = 1_000;
/** ECONNRESET: the listener ended with this connection still waiting to be accepted. */
const NOBODY_CODES: ReadonlySet<string> = new Set(["ENOENT", "ECONNREFUSED", "ENOTDIR", "ECONNRESET"]);

function assertFits(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_PATH_BYTES) return;
  throw new MosaicError("USAGE", `socket path "${path}" has ${bytes} bytes, and the system takes ${MAX_PATH_BYTES} at most`, {
    hint: "choose a shorter MOSAIC_HOME",
  });
}

async function makePrivateFolder(folder: string): Promise<void> {
  const firstMade = await makeFolder(folder);
  // The umask may have taken bits away from the owner too.
  if (firstMade !== undefined) return chmod(folder, 0o700);
  const found = await lstat(folder);
  const isOurs = [process.getuid?.(), 0].includes(found.uid);
  if (isOurs && found.isDirectory() && (found.mode & 0o022) === 0) return;
  const why = found.isDirectory() ? (isOurs ? "others" : `user ${found.uid}`) : "who owns what it leads to";
  // Not repaired here: the folder may be a shared one, such as /tmp.
  throw new MosaicError("MACHINE", `cannot listen in "${folder}": ${why} may replace what is in it`, {
    hint: isOurs && found.isDirectory() ? `chmod 700 ${folder}` : `ls -ld ${folder}`,
  });
}

// Between the look and the removal another daemon may have bound the path. Moving the socket aside first shows which one
// it was, because a listener keeps answering under the new name.
async function removeStale(path: string): Promise<void> {
  const aside = join(dirname(path), `.${process.pid}`);
  // A name too long to be connected to can't be looked at; the race is then left as narrow as it is.
  if (Buffer.byteLength(aside) > MAX_PATH_BYTES) return unlink(path).catch(undefinedWhenAbsent);
  const isGone = await rename(path, aside).then(
    () => false,
    (error) => undefinedWhenAbsent(error) ?? true,
  );
  if (isGone) return;
  if (await socketAnswers(aside, ANSWER_WITHIN_MS)) {
    await rename(aside, path);
    throw alreadyRunning(path);
  }
  await unlink(aside);
}

function alreadyRunning(path: string): MosaicError {
  return new MosaicError("ALREADY_RUNNING", `another daemon already serves "${path}"`, {
    hint: "see which: mosaic gateway status; for a second fleet on this host give it a home of its own: --mosaic-home",
  });
}

function undefinedWhenAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
