import { type Log, MosaicError, openLastGoodFile, type WatchedFiles } from "@mosaic/core";
import type { Policy } from "./decide.ts";
import { parsePolicy } from "./policy-file.ts";

/** The policy in force on this host, from its file. */
export interface FleetPolicy extends Disposable {
  readonly policy: Policy;
  /** What is wrong with the file now; undefined: nothing. */
  readonly problem: MosaicError | undefined;
  /** Calls back after the policy was replaced. */
  onChange(listener: () => void): Disposable;
}

const MAX_BYTES = 1024 * 1024;
const NOBODY: Policy = { grants: [] };

/** Opens the policy and follows its file. Without one nobody may do anything, until there is one.
 *  @throws MosaicError POLICY_INVALID when it can't be used at the start; later the last good one stays in force */
export async function openFleetPolicy(files: WatchedFiles, log: Log, path: string): Promise<FleetPolicy> {
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const parse = (text: string) => parsePolicy(text, path);
  const missing = () =>
    new MosaicError("POLICY_INVALID", `no policy at ${path}`, {
      hint: `nobody may do anything is written: echo 'grants: []' > ${path}`,
    });
  const isThere = async () => (await files.read(path, MAX_BYTES)) !== undefined;
  const open = () => openLastGoodFile(files, log, { path, maxBytes: MAX_BYTES, parse, missing }, tell);
  let file = (await isThere()) ? await open() : undefined;
  if (!file) log.warn({ path }, "there is no policy: nobody may do anything here but this tenant itself");
  let unread: MosaicError | undefined;
  let arrival: Promise<void> = Promise.resolve();
  const follow = async () => {
    if (file || !(await isThere())) return;
    file = await open();
    unread = undefined;
    tell();
  };
  const watch = files.onChange(path.slice(0, path.lastIndexOf("/")), () => {
    if (file) return;
    arrival = arrival.then(follow).catch((thrown: unknown) => {
      unread = MosaicError.from(thrown);
      log.warn({ path, error: unread.message }, "the policy can't be used; nobody may do anything");
    });
  });
  return {
    get policy() {
      return file?.value ?? NOBODY;
    },
    get problem() {
      return file ? file.problem : (unread ?? missing());
    },
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      file?.[Symbol.dispose]();
    },
  };
}
