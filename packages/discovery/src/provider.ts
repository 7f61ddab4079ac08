/** The port to multicast DNS service discovery (RFC 6762 and 6763): whoever does it on this host. */
export interface DiscoveryProvider extends AsyncDisposable {
  readonly name: "avahi" | "in-process";
  /** Resolves with the reason when it can do no more, for example because avahi-daemon ended; then it can only be disposed. */
  readonly ended: Promise<string>;
  /** Looks for our services on every link until disposed. What is told is as it came off the network, but bounded in size.
   *  @throws MosaicError MACHINE when no link can do multicast */
  browse(listener: BrowseListener): Promise<AsyncDisposable>;
  /** Announces a service on every link, also on those that come later, and says goodbye when disposed.
   *  @param onProblem told of a link where it can't be announced, or of nothing at all being announced
   *  @throws MosaicError MACHINE when no link can do multicast */
  advertise(service: AdvertisedService, onProblem: (problem: LinkProblem) => void): Promise<AsyncDisposable>;
}

/** IP of one version on one interface: to multicast these are two links. */
export type LinkFamily = "ipv4" | "ipv6";

/** What is announced. */
export interface AdvertisedService {
  /** Unique on the link; at most 63 bytes. */
  readonly instance: string;
  readonly port: number;
  /** `key=value`, each at most 255 bytes. */
  readonly txt: readonly string[];
}

/** One service as it is seen over one link. */
export interface Sighting {
  /** As announced: up to 63 bytes of anything. */
  readonly instance: string;
  readonly interfaceName: string;
  readonly family: LinkFamily;
  readonly port: number;
  /** IPv4 and IPv6; link-local ones with `%interface`. */
  readonly addresses: readonly string[];
  readonly txt: readonly Uint8Array[];
}

export interface BrowseListener {
  /** Called again whenever something about it changed. */
  onFound(sighting: Sighting): void;
  /** Its goodbye was heard over that link. */
  onGone(gone: Pick<Sighting, "instance" | "interfaceName" | "family">): void;
  onProblem(problem: LinkProblem): void;
}

/** A link where multicast does not work. */
export interface LinkProblem {
  /** Undefined: all of them. */
  readonly link: { readonly interfaceName: string; readonly family: LinkFamily } | undefined;
  /** For people, for example `ipv4 on eth0: EPERM: operation not permitted (a firewall?)`. */
  readonly reason: string;
}

/** The service type, as DNS-SD writes it. Aggregators have the same and say their role in TXT: who looks for one wants both. */
export const SERVICE_TYPE = "_mosaic-node._tcp";
