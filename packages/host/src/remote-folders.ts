import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { MosaicError } from "@mosaic/core";

export interface RemoteFoldersOptions {
  /** How long an answer is waited for, in ms. Default 2 s. */
  readonly patienceMs?: number | undefined;
  /** Says whether a folder is on a file system that another machine, or another program, answers for. Default: asks the kernel. */
  readonly isRemote?: ((directory: string) => Promise<boolean>) | undefined;
  /** Tells what is mounted now, in any form that another mount changes. Default: the kernel's table. */
  readonly mounts?: (() => string) | undefined;
}

/** How long a folder is taken for local, in ms. */
const BELIEVED_MS = 60_000;
/** How often it is looked whether something was mounted meanwhile, in ms; 50 µs each time, and only while somebody reads. */
const LOOK_MS = 100;

/** Knows which folders may one day not answer (NFS, SMB, FUSE and their like), and waits for those no longer than is bearable. What
 *  such a folder was asked can't be taken back: it holds one of Node's threads until it is answered. So it is asked nothing more
 *  meanwhile. */
export class RemoteFolders {
  readonly #patienceMs: number;
  readonly #isRemote: (directory: string) => Promise<boolean>;
  readonly #localUntilMs = new Map<string, number>();
  readonly #remote = new Set<string>();
  readonly #unanswered = new Map<string, number>();
  readonly #mounts: () => string;
  #mounted = "";
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ patienceMs = 2000, isRemote = isRemoteByKernel, mounts = kernelMounts }: RemoteFoldersOptions = {}) {
    this.#patienceMs = patienceMs;
    this.#isRemote = isRemote;
    this.#mounts = mounts;
  }

  /** True when the folder was local a moment ago, and nothing was mounted since: it can be asked in one go. */
  isSurelyLocal(directory: string): boolean {
    this.#lookAtMounts();
    return (this.#localUntilMs.get(directory) ?? Number.NEGATIVE_INFINITY) > performance.now();
  }

  #lookAtMounts(): void {
    if (performance.now() - this.#lookedAtMs < LOOK_MS) return;
    const mounted = this.#mounts();
    this.#lookedAtMs = performance.now();
    if (mounted === this.#mounted) return;
    this.#mounted = mounted;
    this.#localUntilMs.clear();
  }

  /** Looks where a folder is; one that does not even answer this is remote. */
  async isRemote(directory: string): Promise<boolean> {
    if (this.#remote.has(directory)) return true;
    let isRemote = true;
    try {
      isRemote = await this.bounded(directory, "look at", directory, () => this.#isRemote(directory));
    } catch {
      // Nobody can tell now. It is looked at again when it is asked for the next time.
      return true;
    }
    if (isRemote) this.#remote.add(directory);
    else this.#localUntilMs.set(directory, performance.now() + BELIEVED_MS);
    return isRemote;
  }

  /** Asks a folder something.
   *  @param verb for the error, with the path: `read "/home/ada/…"`
   *  @throws MosaicError MACHINE when it does not answer in time, or has not answered something else yet; and what `ask` throws */
  async bounded<T>(directory: string, verb: string, path: string, ask: () => Promise<T>): Promise<T> {
    const waiting = this.#unanswered.get(directory) ?? 0;
    const silence = () => new MosaicError("MACHINE", `cannot ${verb} "${path}": its disk does not answer`, { hint: "df -h" });
    if (waiting > 0) throw silence();
    const answer = ask();
    let isLate = false;
    const over = () => {
      if (isLate) this.#unanswered.set(directory, (this.#unanswered.get(directory) ?? 1) - 1);
    };
    answer.then(over, over);
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      isLate = true;
      this.#unanswered.set(directory, (this.#unanswered.get(directory) ?? 0) + 1);
      reject(silence());
    }, this.#patienceMs);
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Of statfs(2): what other machines or programs answer for. Lustre, Ceph, OCFS2, GFS2 and GPFS are told by the same way. */
const REMOTE_TYPES: ReadonlySet<number> = new Set([
  ...[0x6969, 0x517b, 0xff534d42, 0xfe534d42], // NFS, SMB, CIFS, SMB2
  ...[0x65735546, 0x01021997, 0x5346414f, 0x6b414653, 0x73757245], // FUSE, 9P, AFS twice, Coda
  ...[0x0bd00bd0, 0x00c36400, 0x7461636f, 0x01161970, 0x47504653],
]);

function kernelMounts(): string {
  try {
    return readFileSync("/proc/self/mountinfo", "latin1");
  } catch {
    // Without a table folders are believed for their time.
    return "";
  }
}

async function isRemoteByKernel(directory: string): Promise<boolean> {
  try {
    const { type } = await statfs(directory);
    return REMOTE_TYPES.has(type >>> 0);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if ((code === "ENOENT" || code === "ENOTDIR") && dirname(directory) !== directory)
      return isRemoteByKernel(dirname(directory));
    throw error;
  }
}
