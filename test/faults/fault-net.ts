import { existsSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@mosaic/testkit";
import { runSystemTool, systemPath } from "../lab/system-tool.ts";
import { startProgram } from "../mesh/run-program.ts";

/** What is lost: what goes to a server's port, what comes from it, or both. */
export type CutWay = "to" | "from" | "both";

/** A network of its own, with nothing but loopback, in which what goes to or comes from single ports can be lost: without a word,
 *  as on a wire that was pulled. Unix sockets reach into it from outside. Disposing ends it. */
export interface FaultNet extends AsyncDisposable {
  /** The command line that starts a program in there, as the same process. */
  inside(argv: readonly string[]): [string, ...string[]];
  /** Loses packets of these ports from now on, besides those that are lost already. */
  cut(ports: readonly number[], way: CutWay): Promise<void>;
  /** Loses packets of these ports no more. */
  heal(ports: readonly number[]): Promise<void>;
}

/** Says why no such network can be made here; undefined: it can. Tests skip by what it says. */
export function netObstacle(): string | undefined {
  if (process.platform !== "linux") return "network namespaces need Linux";
  if (process.getuid?.() !== 0) return "network namespaces need root";
  const missing = [["ip", "iproute2"] as const, ["nft", "nftables"] as const, ["nsenter", "util-linux"] as const].find(
    ([program]) => !systemPath.split(":").some((folder) => existsSync(join(folder, program))),
  );
  return missing === undefined ? undefined : `${missing[0]} is missing: apt-get install ${missing[1]}`;
}

/** Longer than any experiment; then the network ends by itself, should its test have been killed. */
const HOLDER_S = "7200";

// Dropped where it arrives: a sender whose packet is refused on its way out would be told.
const RULES = `table inet faults {
  set to { type inet_service; }
  set from { type inet_service; }
  chain input {
    type filter hook input priority 0;
    tcp dport @to drop
    tcp sport @from drop
  }
}`;

/** Makes the network. */
export async function startFaultNet(): Promise<FaultNet> {
  const holder = startProgram(["unshare", "--net", "sleep", HOLDER_S], { env: { PATH: systemPath } });
  const inside = (argv: readonly string[]): [string, ...string[]] => [
    "nsenter",
    `--target=${holder.pid}`,
    "--net",
    "--",
    ...argv,
  ];
  const nft = (text: string) => runSystemTool(inside(["nft", "-f", "-"]), text);
  try {
    const ours = await runSystemTool(["readlink", "/proc/self/ns/net"]);
    await eventually("the network is there", async () => {
      return (await runSystemTool(["readlink", `/proc/${holder.pid}/ns/net`]).catch(() => ours)) !== ours;
    });
    await runSystemTool(inside(["ip", "link", "set", "lo", "up"]));
    await nft(RULES);
  } catch (thrown) {
    await holder[Symbol.asyncDispose]();
    throw thrown;
  }
  const change = async (verb: "add" | "delete", set: "to" | "from", ports: readonly number[]) => {
    if (ports.length > 0) await nft(`${verb} element inet faults ${set} { ${ports.join(", ")} }`);
  };
  const cutPorts = { to: new Set<number>(), from: new Set<number>() };
  return {
    inside,
    async cut(ports, way) {
      for (const set of ["to", "from"] as const) {
        if (way !== "both" && way !== set) continue;
        await change("add", set, ports);
        for (const port of ports) cutPorts[set].add(port);
      }
    },
    async heal(ports) {
      for (const set of ["to", "from"] as const) {
        await change(
          "delete",
          set,
          ports.filter((port) => cutPorts[set].delete(port)),
        );
      }
    },
    [Symbol.asyncDispose]: () => holder[Symbol.asyncDispose](),
  };
}
