import { MosaicError } from "@mosaic/core";
import { type Endpoint, parseEndpoint } from "@mosaic/rpc";
import { parseStoreUrl, type StoreUrl } from "@mosaic/store";

export interface AggregatorArguments {
  readonly mosaicHome: string;
  readonly membershipPath: string;
  /** The service whose SRV records name addresses of expected hosts. */
  readonly srvService: string | undefined;
  /** `ip:port` of the name server to ask; undefined: those of the system. */
  readonly dnsServer: string | undefined;
  /** The database that several aggregators share; undefined: files of this one alone. */
  readonly storeUrl: StoreUrl | undefined;
  readonly socketPath: string;
  readonly listen: readonly Endpoint[];
  /** Where hosts dial in that can't be reached. */
  readonly dialIn: readonly Endpoint[];
  /** Where hosts and people come with a line; none where the fleet's authority is not. */
  readonly enrol: readonly Extract<Endpoint, { kind: "tls" }>[];
  /** How long certificates hold that it makes, in ms; undefined: 24 h. */
  readonly leafTtlMs: number | undefined;
  /** True: it says on the local network that it is there. */
  readonly isAdvertised: boolean;
  /** Where metrics may be read; undefined: nowhere. */
  readonly metrics: Endpoint | undefined;
  readonly host: string;
  readonly logLevel: string;
}

export interface AggregatorDefaults {
  readonly home: string;
  /** Where metrics may be read, unless a flag says so. Default: nowhere. */
  readonly metrics?: string | undefined;
  readonly mosaicHome: string | undefined;
  readonly store: string | undefined;
  readonly host: string;
}

export const AGGREGATOR_HELP = `mosaic-aggregator: serves the agents of many hosts as one FleetService

usage: mosaic-aggregator [flags]

  --mosaic-home DIR    where state is                    [MOSAIC_HOME, ~/.config/mosaic]
  --membership FILE    the hosts that are expected       [DIR/fleet/hosts.yaml]
  --discover-srv NAME  take addresses of those hosts from SRV records, for example _mosaic-node._tcp.example.org
  --dns-server IP:PORT the name server to ask for them   [the system's]
  --store URL          the database that several aggregators share; files of its own  [MOSAIC_STORE]
                       without one. The password is read as psql does: PGPASSFILE, PGPASSWORD
  --socket PATH        the Unix socket, mode 0600        [DIR/fleet/run/aggregator.sock]
  --listen ADDRESS     a TCP address besides: loopback, or https://HOST:PORT with an identity; may be given more than once
  --enrol HOST:PORT    where hosts and people join with a line, with TLS, if the fleet's authority is here (mosaic fleet ca init)
  --leaf-ttl TIME      how long certificates hold that it makes: 10s, 24h       [24h]
  --dial-in ADDRESS    where hosts dial in that can't be reached; their target in the file is "dial-in"
  --advertise          announce that address on the local network by multicast DNS
  --host NAME          the name of the host it runs on
  --metrics ADDRESS    show metrics to Prometheus: loopback, or https://HOST:PORT with an identity  [MOSAIC_METRICS]
  --log-level LEVEL    debug, info, warn or error        [info]
  --help, --version

A membership file is a list of groups, one per host or further aggregator:
  - targets: ["127.0.0.1:8787"]
    labels: { host: alpha, tenant: team-a }
  - targets: ["unix:/run/user/1000/mosaic/eu.sock"]
    labels: { host: eu, role: aggregator }
Hosts are added besides by mosaic host add. A fleet of those alone has a file that says [].

examples:
  mosaic-aggregator
  mosaic-aggregator --membership hosts.yaml --listen 127.0.0.1:8788
  mosaic-aggregator --store postgres://mosaic@localhost:5432/mosaic
  mosaic-aggregator --store 'postgres://mosaic@/mosaic?host=/var/run/postgresql'
`;

/** The flags of mosaic-aggregator as they were given. */
export interface AggregatorFlags {
  readonly "mosaic-home"?: string;
  readonly socket?: string;
  readonly listen?: readonly string[];
  readonly "dial-in"?: string;
  readonly enrol?: string;
  readonly "leaf-ttl"?: string;
  readonly host?: string;
  readonly membership?: string;
  readonly "discover-srv"?: string;
  readonly "dns-server"?: string;
  readonly store?: string;
  readonly advertise?: boolean;
  readonly metrics?: string;
  readonly "log-level": string;
  readonly help?: boolean;
  readonly version?: boolean;
}

/** What mosaic-aggregator is asked to do.
 *  @throws MosaicError NOT_ALLOWED for an address off loopback */
export function toAggregatorArguments(
  values: AggregatorFlags,
  defaults: AggregatorDefaults,
): AggregatorArguments | "help" | "version" {
  if (values.help) return "help";
  if (values.version) return "version";
  if (values.advertise && values.listen === undefined) {
    throw new MosaicError("USAGE", "--advertise announces a TCP address, and there is none", {
      hint: "mosaic-aggregator --listen 127.0.0.1:8788 --advertise",
    });
  }
  const store = values.store ?? defaults.store;
  const metrics = values.metrics ?? defaults.metrics;
  const mosaicHome = values["mosaic-home"] ?? defaults.mosaicHome ?? `${defaults.home}/.config/mosaic`;
  return {
    mosaicHome,
    membershipPath: values.membership ?? `${mosaicHome}/fleet/hosts.yaml`,
    srvService: values["discover-srv"] && assertServiceName(values["discover-srv"]),
    dnsServer: values["dns-server"] && assertDnsServer(values["dns-server"]),
    storeUrl: store === undefined ? undefined : parseStoreUrl(store),
    socketPath: values.socket ?? `${mosaicHome}/fleet/run/aggregator.sock`,
    listen: (values.listen ?? []).map(parseEndpoint),
    dialIn: values["dial-in"] === undefined ? [] : [parseEndpoint(values["dial-in"])],
    enrol: values.enrol === undefined ? [] : [enrolmentEndpoint(values.enrol)],
    leafTtlMs: values["leaf-ttl"] === undefined ? undefined : parseLeafTtl(values["leaf-ttl"]),
    isAdvertised: values.advertise === true,
    metrics: metrics === undefined ? undefined : parseEndpoint(metrics),
    host: values.host ?? defaults.host,
    logLevel: values["log-level"],
  };
}

function enrolmentEndpoint(text: string): Extract<Endpoint, { kind: "tls" }> {
  const endpoint = parseEndpoint(`https://${text.replace(/^https:\/\//, "")}`);
  if (endpoint.kind === "tls") return endpoint;
  throw new MosaicError("USAGE", `--enrol ${JSON.stringify(text)} is no address`, { hint: "write 0.0.0.0:8444" });
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
/** Below, hosts would do nothing but renew; above, a lost key is good for too long. In ms. */
const [SHORTEST_TTL_MS, LONGEST_TTL_MS] = [5000, 7 * 24 * 3_600_000];

function parseLeafTtl(text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,6})(s|m|h)$/.exec(text) ?? [];
  const ms = Number(digits) * (UNITS_MS[unit] ?? Number.NaN);
  if (ms >= SHORTEST_TTL_MS && ms <= LONGEST_TTL_MS) return ms;
  throw new MosaicError("USAGE", `--leaf-ttl ${JSON.stringify(text)} is not from 5s to 168h`, { hint: "write 24h" });
}

function assertServiceName(name: string): string {
  if (name.length <= 253 && /^_[A-Za-z0-9-]+\._tcp(\.[A-Za-z0-9_-]+)+\.?$/.test(name)) return name;
  throw new MosaicError("USAGE", `--discover-srv ${JSON.stringify(name)} names no service`, {
    hint: "write _mosaic-node._tcp.<your domain>",
  });
}

function assertDnsServer(server: string): string {
  if (/^(\d{1,3}(\.\d{1,3}){3}|\[[0-9A-Fa-f:]+\])(:\d{1,5})?$/.test(server)) return server;
  throw new MosaicError("USAGE", `--dns-server ${JSON.stringify(server)} is no address`, { hint: "write 127.0.0.1:8600" });
}
