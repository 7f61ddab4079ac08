import type { Clock } from "@mosaic/core";
import type { LinkProblem } from "../provider.ts";
import { type LinkSocket, openLinkSocket } from "./link-socket.ts";
import { assertLinks, type Link } from "./links.ts";
import type { DnsPacket } from "./packets.ts";

/** What is done on one link while it is there. */
export interface LinkWork extends AsyncDisposable {
  onPacket(packet: DnsPacket): void;
}

export interface LinkSetDeps {
  readonly clock: Clock;
  readonly listLinks: () => readonly Link[];
  /** 5353, but for tests. */
  readonly port: number;
}

/** Works on every link: on those that come later too, and anew on one whose addresses changed. Disposing ends the work on
 *  each link before its socket.
 *  @throws MosaicError MACHINE when there is no link now */
export function openLinkSet(
  deps: LinkSetDeps,
  start: (socket: LinkSocket, link: Link) => LinkWork,
  onProblem: (problem: LinkProblem) => void,
): AsyncDisposable {
  assertLinks(deps.listLinks());
  const set = new LinkSet(deps, start, onProblem);
  set.follow();
  return set;
}

/** There is no event for an interface that comes or goes. In ms. */
const LOOK_AGAIN_MS = 5000;

class LinkSet implements AsyncDisposable {
  readonly #deps: LinkSetDeps;
  readonly #start: (socket: LinkSocket, link: Link) => LinkWork;
  readonly #onProblem: (problem: LinkProblem) => void;
  readonly #open = new Map<string, AsyncDisposableStack>();
  readonly #closing = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;

  constructor(deps: LinkSetDeps, start: (socket: LinkSocket, link: Link) => LinkWork, onProblem: (problem: LinkProblem) => void) {
    this.#deps = deps;
    this.#start = start;
    this.#onProblem = onProblem;
    this.#loop = this.#lookAgain();
  }

  /** Opens what is new and closes what is gone. */
  follow(): void {
    const links = new Map(this.#deps.listLinks().map((link) => [JSON.stringify(link), link]));
    for (const [key, stack] of this.#open) if (!links.has(key)) this.#close(key, stack);
    for (const [key, link] of links) if (!this.#open.has(key)) this.#open.set(key, this.#openLink(link));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    for (const [key, stack] of this.#open) this.#close(key, stack);
    await Promise.all(this.#closing);
  }

  #openLink(link: Link): AsyncDisposableStack {
    const { interfaceName, family } = link;
    const stack = new AsyncDisposableStack();
    let work: LinkWork | undefined;
    const onPacket = (packet: DnsPacket) => work?.onPacket(packet);
    const onFailure = (why: string) =>
      this.#onProblem({ link: { interfaceName, family }, reason: `${family} on ${interfaceName}: ${why}` });
    try {
      const socket = stack.use(openLinkSocket({ link, port: this.#deps.port, onPacket, onFailure }));
      work = stack.use(this.#start(socket, link));
    } catch (thrown) {
      // One link without a socket, for example because IPv6 is switched off, is no reason to give up the others.
      onFailure(thrown instanceof Error ? thrown.message : String(thrown));
    }
    return stack;
  }

  #close(key: string, stack: AsyncDisposableStack): void {
    this.#open.delete(key);
    const closing = stack.disposeAsync().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  async #lookAgain(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#deps.clock.sleep(LOOK_AGAIN_MS, signal);
      if (!signal.aborted) this.follow();
    }
  }
}
