/** A process of some simulated hosts, each on a loopback port of its own, that a test can kill or stop without touching others.
 *  Arguments: number of the first host, how many, agents of each, the port of host 0. Ends with its parent. */
import { HostProcess, type HostsOrder } from "./host-process.ts";

const [first = "0", count = "0", agents = "0", basePort = "0"] = process.argv.slice(2);
const hosts = new HostProcess({
  first: Number(first),
  count: Number(count),
  agents: Number(agents),
  basePort: Number(basePort),
});
await hosts.serve();
process.send?.("serving");
process.on("message", (order: HostsOrder) => {
  if (order.kind === "churn") hosts.churn(order.perSecond);
  else if (order.kind === "suffer") hosts.suffer(order.host, order.how);
  else process.send?.(hosts.rows());
});
process.on("disconnect", () => process.exit(0));
// A Ctrl-C reaches the whole group; the parent ends us when it no longer needs us.
process.on("SIGINT", () => {});
