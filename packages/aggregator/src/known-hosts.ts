import { type FileStore, hostKeyOf, type Log } from "@mosaic/core";
import type { HostStatus } from "@mosaic/wire";
import type { HostName } from "./route-status.ts";

/** A host that was behind a member, and the ids of the aggregators on the way to it, nearest to the host first: without them it
 *  would be told to one of those as if we knew it otherwise than from there. */
export type KnownHost = HostName & Pick<HostStatus, "via">;

/** Remembers which hosts are behind a further aggregator, over restarts of this one: while that one is down, nobody else can say
 *  whose hosts are missing (docs/adr/0018). It holds names and ways only: what they were doing is not worth having when it is that
 *  old. */
export interface KnownHosts {
  /** The hosts that were last behind a member. */
  of(member: string): readonly KnownHost[];
  /** One of them; undefined: it was not. */
  find(member: string, host: HostName): KnownHost | undefined;
  /** Notes the hosts that are behind a member now. */
  note(member: string, hosts: readonly KnownHost[]): void;
  /** Notes that one host is behind a member now; costs the same however many there are. */
  add(member: string, host: KnownHost): void;
  /** Notes that one host is not behind a member any more. */
  remove(member: string, host: HostName): void;
  /** Forgets a member that left membership. */
  forget(member: string): void;
}

/** Forgets everything with the process. */
export function memoryKnownHosts(initial: Readonly<Record<string, readonly KnownHost[]>> = {}): KnownHosts {
  return new NotedHosts(new Map(Object.entries(initial).map(([member, hosts]) => [member, byKey(hosts)])), () => {});
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

type Noted = Map<string, Map<string, KnownHost>>;

class NotedHosts implements KnownHosts {
  /** By member, then by host key. */
  readonly #hosts: Noted;
  readonly #onChange: () => void;

  constructor(hosts: Noted, onChange: () => void) {
    this.#hosts = hosts;
    this.#onChange = onChange;
  }

  of(member: string): readonly KnownHost[] {
    return [...(this.#hosts.get(member)?.values() ?? [])];
  }

  find(member: string, host: HostName): KnownHost | undefined {
    return this.#hosts.get(member)?.get(hostKeyOf(host));
  }

  note(member: string, hosts: readonly KnownHost[]): void {
    const before = this.#hosts.get(member);
    const now = byKey(hosts);
    if (now.size === (before?.size ?? 0) && [...now].every(([key, host]) => isSame(before?.get(key), host))) return;
    this.#hosts.set(member, now);
    this.#onChange();
  }

  add(member: string, host: KnownHost): void {
    if (isSame(this.find(member, host), host)) return;
    const hosts = this.#hosts.get(member) ?? new Map<string, KnownHost>();
    this.#hosts.set(member, hosts.set(hostKeyOf(host), toKnown(host)));
    this.#onChange();
  }

  remove(member: string, host: HostName): void {
    if (this.#hosts.get(member)?.delete(hostKeyOf(host))) this.#onChange();
  }

  forget(member: string): void {
    if (this.#hosts.delete(member)) this.#onChange();
  }

  /** As they are written down. */
  asRecord(): Record<string, readonly KnownHost[]> {
    return Object.fromEntries([...this.#hosts].map(([member, hosts]) => [member, [...hosts.values()]]));
  }
}

class FileKnownHosts extends NotedHosts implements AsyncDisposable {
  readonly #deps: KnownHostsDeps;
  #isDirty = false;
  #writing: Promise<void> | undefined;

  constructor(deps: KnownHostsDeps, hosts: Noted) {
    super(hosts, () => this.#keep());
    this.#deps = deps;
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
      const text = `${JSON.stringify({ version: 1, members: this.asRecord() }, undefined, 1)}\n`;
      await this.#deps.files.write(this.#deps.path, text, 0o600).catch((thrown: unknown) => {
        // Nothing is lost before the next restart; the next change is another attempt.
        this.#deps.log.warn({ path: this.#deps.path, error: String(thrown) }, "known hosts could not be kept");
      });
    }
  }
}

function parse(text: string, { log, path }: KnownHostsDeps): Noted {
  try {
    const { version, members } = JSON.parse(text) as { version?: unknown; members?: Record<string, unknown> };
    if (version !== 1 || typeof members !== "object") throw new Error("it is of no version known here");
    const entries = Object.entries(members).map(([member, hosts]) => [member, Array.isArray(hosts) ? hosts : []] as const);
    return new Map(entries.map(([member, hosts]) => [member, byKey(hosts.filter(isHostName).map(toKnown))]));
  } catch (thrown) {
    log.warn({ path, error: String(thrown) }, "known hosts are unreadable, and are learned anew");
    return new Map();
  }
}

function isHostName(value: unknown): value is HostName {
  const { tenantId, hostId, host } = (value ?? {}) as Record<string, unknown>;
  return typeof tenantId === "string" && typeof hostId === "string" && typeof host === "string";
}

function byKey(hosts: readonly KnownHost[]): Map<string, KnownHost> {
  return new Map(hosts.map((host) => [hostKeyOf(host), toKnown(host)]));
}

// A status would keep its messages alive; a file of an earlier version tells no way.
function toKnown({ tenantId, hostId, host, via }: HostName & { readonly via?: unknown }): KnownHost {
  return { tenantId, hostId, host, via: Array.isArray(via) ? via.filter((id) => typeof id === "string") : [] };
}

function isSame(before: KnownHost | undefined, now: KnownHost): boolean {
  return before !== undefined && before.host === now.host && before.via.join() === now.via.join();
}
