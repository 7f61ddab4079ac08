import multicastDns from "multicast-dns";
import { isFromLink, type Link } from "./links.ts";
import type { DnsPacket, DnsQuestion } from "./packets.ts";

/** Multicast DNS over one link. */
export interface LinkSocket extends AsyncDisposable {
  /** Resolves once it is sent, or can't be. */
  query(questions: readonly DnsQuestion[]): Promise<void>;
  /** Resolves once it is sent, or can't be. */
  respond(packet: Pick<DnsPacket, "answers"> & Partial<DnsPacket>): Promise<void>;
}

export interface LinkSocketOptions {
  readonly link: Link;
  /** 5353, but for tests. */
  readonly port: number;
  /** Told of packets of neighbours on this link, our own included. */
  readonly onPacket: (packet: DnsPacket) => void;
  /** Told, as often as it is met, why the link can't be used. */
  readonly onFailure: (reason: string) => void;
}

/** Opens a socket of its own for a link, beside whatever other responder is on the host. */
export function openLinkSocket({ link, port, onPacket, onFailure }: LinkSocketOptions): LinkSocket {
  const isIpv4 = link.family === "ipv4";
  const mdns = multicastDns({
    type: isIpv4 ? "udp4" : "udp6",
    ip: isIpv4 ? "224.0.0.251" : "ff02::fb",
    port,
    interface: isIpv4 ? link.address : `::%${link.interfaceName}`,
    // Left to itself the library binds to the interface's address, and Linux gives such a socket no multicast.
    bind: isIpv4 ? "0.0.0.0" : "::",
  });
  let isClosed = false;
  const fail = (error: NodeJS.ErrnoException | null | undefined) => {
    // Without a code it is a packet that could not be read: anybody can send those.
    if (error?.code !== undefined && !isClosed) onFailure(reasonOf(error));
  };
  mdns.on("error", fail);
  mdns.on("warning", fail);
  mdns.on("packet", (packet, sender) => {
    if (!isClosed && isFromLink(link, sender.address)) onPacket(packet);
  });
  const sent = (send: (done: (error?: Error | null) => void) => void) =>
    new Promise<void>((resolve) => {
      if (isClosed) return resolve();
      send((error) => {
        fail(error);
        resolve();
      });
    });
  return {
    query: (questions) => sent((done) => mdns.query({ questions }, done)),
    respond: (packet) => sent((done) => mdns.respond(packet, done)),
    async [Symbol.asyncDispose]() {
      if (isClosed) return;
      isClosed = true;
      await new Promise<void>((resolve) => mdns.destroy(resolve));
    },
  };
}

function reasonOf({ code = "", message }: NodeJS.ErrnoException): string {
  const words = REASONS[code];
  return words === undefined ? message : `${code}: ${words}`;
}

const REASONS: Readonly<Record<string, string>> = {
  EPERM: "sending is forbidden, perhaps by a firewall",
  EACCES: "this user may not use the port of multicast DNS",
  EADDRINUSE: "another program holds the port of multicast DNS for itself alone",
  ENODEV: "the interface does no multicast, or is gone",
  ENETUNREACH: "there is no route for multicast",
  ENETDOWN: "the interface is down",
  EADDRNOTAVAIL: "the interface has lost its address",
  ENOBUFS: "the host has joined too many multicast groups or is out of buffers",
};
