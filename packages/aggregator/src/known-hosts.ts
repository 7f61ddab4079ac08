import { type FileStore, hostKeyOf, type Log } from "@mosaic/core";
import type { HostName } from "./route-status.ts";

/** Remembers which hosts are behind a further aggregator, over restarts of this one: while that one is down, nobody else can say
 *  whose hosts are missing (docs/adr/0018). It holds names only: what they were doing is not worth having when it is that old. */
export interface KnownHosts {
  /** The hosts that were last behind a member. */
  of(member: string): readonly HostName[];
  /** Notes the hosts that are behind a member now. */
  note(member: string, hosts: readonly HostName[]): void;
  /** Forgets a member that left membership. */
  forget(member: string): void;
}

/** Forgets everything with the process. */
export function memoryKnownHosts(initial: Readonly<Record<string, readonly HostName[]>> = {}): KnownHosts {
  const hosts = new Map(Object.entries(initial));
  return {
    of: (member) => hosts.get(member) ?? [],
    note: (member, now) => void hosts.set(member, now),
    forget: (member) => void hosts.delete(member),
  };
}

export interface KnownHostsDeps {
  readonly files: FileStore;
  readonly log: Log;
  /** The file; it and its folder are made when there is something to keep. */
  readonly path: string;
}

/** Opens the file of known hosts. What can't be read is begun anew: the hosts are learned again as soon as their aggregator answers.
 *  Disposing waits until what was noted is on disk. */
export async function openKnownHosts(deps: KnownHostsDeps): Promise<KnownHosts & AsyncDisposable> {
  const text = await deps.files.read(deps.path).catch((thrown: unknown) => {
    deps.log.warn({ path: deps.path, error: String(thrown) }, "known hosts could not be read");
    return undefined;
  });
  return new FileKnownHosts(deps, text === undefined ? new Map() : parse(text, deps));
}

class FileKnownHosts implements KnownHosts, AsyncDisposable {
  readonly #deps: KnownHostsDeps;
  readonly #hosts: Map<string, readonly HostName[]>;
  #isDirty = false;
  #writing: Promise<void> | undefined;

  constructor(deps: KnownHostsDeps, hosts: Map<string, readonly HostName[]>) {
    this.#deps = deps;
    this.#hosts = hosts;
  }

  of(member: string): readonly HostName[] {
    return this.#hosts.get(member) ?? [];
  }

  note(member: string, hosts: readonly HostName[]): void {
    const named = hosts.map(({ tenantId, hostId, host }) => ({ tenantId, hostId, host }));
    if (keysOf(named) === keysOf(this.of(member))) return;
    this.#hosts.set(member, named);
    this.#keep();
  }

  forget(member: string): void {
    if (this.#hosts.delete(member)) this.#keep();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
  }

  // One write at a time, and one more for all that was noted meanwhile.
  #keep(): void {
    this.#isDirty = true;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(): Promise<void> {
    while (this.#isDirty) {
      this.#isDirty = false;
      const text = `${JSON.stringify({ version: 1, members: Object.fromEntries(this.#hosts) }, undefined, 1)}\n`;
      await this.#deps.files.write(this.#deps.path, text, 0o600).catch((thrown: unknown) => {
        // Nothing is lost before the next restart; the next change is another attempt.
        this.#deps.log.warn({ path: this.#deps.path, error: String(thrown) }, "known hosts could not be kept");
      });
    }
  }
}

function parse(text: string, { log, path }: KnownHostsDeps): Map<string, readonly HostName[]> {
  try {
    const { version, members } = JSON.parse(text) as { version?: unknown; members?: Record<string, unknown> };
    if (version !== 1 || typeof members !== "object") throw new Error("it is of no version known here");
    const entries = Object.entries(members).map(([member, hosts]) => [member, Array.isArray(hosts) ? hosts : []] as const);
    return new Map(entries.map(([member, hosts]) => [member, hosts.filter(isHostName)]));
  } catch (thrown) {
    log.warn({ path, error: String(thrown) }, "known hosts are unreadable, and are learned anew");
    return new Map();
  }
}

function isHostName(value: unknown): value is HostName {
  const { tenantId, hostId, host } = (value ?? {}) as Record<string, unknown>;
  return typeof tenantId === "string" && typeof hostId === "string" && typeof host === "string";
}

function keysOf(hosts: readonly HostName[]): string {
  return JSON.stringify(hosts.map((host) => [hostKeyOf(host), host.host]).sort());
}
