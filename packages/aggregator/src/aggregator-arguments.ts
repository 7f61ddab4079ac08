import { type Endpoint, parseEndpoint } from "@mosaic/rpc";

export interface AggregatorArguments {
  readonly mosaicHome: string;
  readonly membershipPath: string;
  readonly socketPath: string;
  readonly listen: readonly Endpoint[];
  readonly host: string;
  readonly logLevel: string;
}

export interface AggregatorDefaults {
  readonly home: string;
  readonly mosaicHome: string | undefined;
  readonly host: string;
}

export const AGGREGATOR_HELP = `mosaic-aggregator: serves the agents of many hosts as one FleetService

usage: mosaic-aggregator [flags]

  --mosaic-home DIR    where state is                    [MOSAIC_HOME, ~/.config/mosaic]
  --membership FILE    the hosts that are expected       [DIR/fleet/hosts.yaml]
  --socket PATH        the Unix socket, mode 0600        [DIR/fleet/run/aggregator.sock]
  --listen HOST:PORT   a loopback TCP address besides; may be given more than once
  --host NAME          the name of the host it runs on
  --log-level LEVEL    debug, info, warn or error        [info]
  --help, --version

A membership file is a list of groups, one per host or further aggregator:
  - targets: ["127.0.0.1:8787"]
    labels: { host: alpha, tenant: team-a }
  - targets: ["unix:/run/user/1000/mosaic/eu.sock"]
    labels: { host: eu, role: aggregator }

examples:
  mosaic-aggregator
  mosaic-aggregator --membership hosts.yaml --listen 127.0.0.1:8788
`;

/** The flags of mosaic-aggregator as they were given. */
export interface AggregatorFlags {
  readonly "mosaic-home"?: string;
  readonly socket?: string;
  readonly listen?: readonly string[];
  readonly host?: string;
  readonly membership?: string;
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
  const mosaicHome = values["mosaic-home"] ?? defaults.mosaicHome ?? `${defaults.home}/.config/mosaic`;
  return {
    mosaicHome,
    membershipPath: values.membership ?? `${mosaicHome}/fleet/hosts.yaml`,
    socketPath: values.socket ?? `${mosaicHome}/fleet/run/aggregator.sock`,
    listen: (values.listen ?? []).map(parseEndpoint),
    host: values.host ?? defaults.host,
    logLevel: values["log-level"],
  };
}
