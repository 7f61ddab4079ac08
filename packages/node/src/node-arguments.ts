import { MosaicError } from "@mosaic/core";
import { type Endpoint, parseEndpoint } from "@mosaic/rpc";

export interface NodeArguments {
  readonly mosaicHome: string;
  readonly rosterPath: string;
  readonly socketPath: string;
  /** TCP endpoints besides the Unix socket; none by default, because every user of a machine can reach its loopback. */
  readonly listen: readonly Endpoint[];
  /** An aggregator that can't reach this host; undefined: none is dialled. */
  readonly dialOut: Endpoint | undefined;
  readonly host: string;
  readonly tenant: string;
  /** False: systemd is not asked, whether there is one or not. */
  readonly hasSystemd: boolean;
  /** True: it says on the local network that it is there. */
  readonly isAdvertised: boolean;
  /** Where metrics may be read; undefined: nowhere. */
  readonly metrics: Endpoint | undefined;
  readonly logLevel: string;
}

export interface NodeDefaults {
  readonly home: string;
  /** Where metrics may be read, unless a flag says so. Default: nowhere. */
  readonly metrics?: string | undefined;
  readonly mosaicHome: string | undefined;
  readonly host: string;
  readonly tenant: string;
}

export const NODE_HELP = `mosaic-node: serves the agents of this host and user as a FleetService

usage: mosaic-node [flags]

  --mosaic-home DIR    where the roster and state are  [MOSAIC_HOME, ~/.config/mosaic]
  --roster FILE        the roster                      [DIR/fleet/roster.yaml]
  --socket PATH        the Unix socket, mode 0600      [DIR/fleet/run/node.sock]
  --listen ADDRESS     a TCP address besides: loopback, or https://HOST:PORT with an identity; may be given more than once
  --dial-out ADDRESS   dial an aggregator that can't reach this host (its --dial-in), and serve it on that connection
  --advertise          announce that address on the local network by multicast DNS
  --host NAME          this host's name, unless the roster says one
  --tenant NAME        this tenant's name, unless the roster says one
  --no-systemd         don't ask systemd: these agents are none of its units
  --metrics ADDRESS    show metrics to Prometheus: loopback, or https://HOST:PORT with an identity  [MOSAIC_METRICS]
  --log-level LEVEL    debug, info, warn or error      [info]
  --help, --version

examples:
  mosaic-node
  mosaic-node --listen 127.0.0.1:8787 --log-level debug
`;

/** The flags of mosaic-node as they were given. */
export interface NodeFlags {
  readonly "mosaic-home"?: string;
  readonly socket?: string;
  readonly listen?: readonly string[];
  readonly "dial-out"?: string;
  readonly host?: string;
  readonly roster?: string;
  readonly tenant?: string;
  readonly "no-systemd"?: boolean;
  readonly advertise?: boolean;
  readonly metrics?: string;
  readonly "log-level": string;
  readonly help?: boolean;
  readonly version?: boolean;
}

/** What mosaic-node is asked to do.
 *  @throws MosaicError NOT_ALLOWED for an address off loopback, USAGE when there is nothing to advertise */
export function toNodeArguments(values: NodeFlags, defaults: NodeDefaults): NodeArguments | "help" | "version" {
  if (values.help) return "help";
  if (values.version) return "version";
  if (values.advertise && values.listen === undefined) {
    throw new MosaicError("USAGE", "--advertise announces a TCP address, and there is none", {
      hint: "mosaic-node --listen 127.0.0.1:8787 --advertise",
    });
  }
  const metrics = values.metrics ?? defaults.metrics;
  const mosaicHome = values["mosaic-home"] ?? defaults.mosaicHome ?? `${defaults.home}/.config/mosaic`;
  return {
    mosaicHome,
    rosterPath: values.roster ?? `${mosaicHome}/fleet/roster.yaml`,
    socketPath: values.socket ?? `${mosaicHome}/fleet/run/node.sock`,
    listen: (values.listen ?? []).map(parseEndpoint),
    dialOut: values["dial-out"] === undefined ? undefined : parseEndpoint(values["dial-out"]),
    host: values.host ?? defaults.host,
    tenant: values.tenant ?? defaults.tenant,
    hasSystemd: values["no-systemd"] !== true,
    isAdvertised: values.advertise === true,
    metrics: metrics === undefined ? undefined : parseEndpoint(metrics),
    logLevel: values["log-level"],
  };
}
