import type { Clock } from "@mosaic/core";
import type { DiscoveryProvider } from "../provider.ts";
import { browseLink } from "./link-browser.ts";
import { answerOnLink } from "./link-responder.ts";
import { openLinkSet } from "./link-set.ts";
import { type Link, listLinks } from "./links.ts";

export interface InProcessOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** Default: this host's. */
  readonly listLinks?: () => readonly Link[];
  /** Default 5353. */
  readonly port?: number;
}

/** Does multicast DNS in this process: for hosts without avahi-daemon, and beside one that can't be asked. */
export function inProcessProvider(options: InProcessOptions): DiscoveryProvider {
  const deps = { clock: options.clock, listLinks: options.listLinks ?? (() => listLinks()), port: options.port ?? MDNS_PORT };
  const stack = new AsyncDisposableStack();
  return {
    name: "in-process",
    // There is nobody who could end it.
    ended: new Promise(() => {}),
    browse: async (listener) =>
      stack.use(
        openLinkSet(
          deps,
          (socket, link) => browseLink(options.clock, socket, link, listener),
          (problem) => listener.onProblem(problem),
        ),
      ),
    advertise: async (service, onProblem) =>
      stack.use(openLinkSet(deps, (socket, link) => answerOnLink(options, socket, link, service), onProblem)),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const MDNS_PORT = 5353;
