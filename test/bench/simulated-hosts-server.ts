/** The process of many simulated hosts: arguments are the folder, the number of hosts, and agents per host. Ends with its parent. */
import { type HostsOrder, SimulatedHosts } from "./simulated-hosts.ts";

const [folder = "", hostCount = "0", agentCount = "0"] = process.argv.slice(2);
const hosts = new SimulatedHosts(folder, Number(hostCount), Number(agentCount));
process.send?.(await hosts.serve());
process.on("message", (order: HostsOrder) => {
  if (order.kind === "churn") hosts.churn(order.perSecond, order.seed);
  else if (order.kind === "fault") void hosts.fault(order.host, order.fault);
  else process.send?.(hosts.tally());
});
process.on("disconnect", () => process.exit(0));
// A Ctrl-C reaches the whole group; the parent ends us when it no longer needs us.
process.on("SIGINT", () => {});
