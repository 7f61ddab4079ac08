import { listenOfUnit, SERVED_UNITS } from "@mosaic/lifecycle";
import { formatEndpoint, parseEndpoint } from "@mosaic/rpc/plain-unary";
import { type DoctorCheck, type Finding, fault, faultsOr, nothingHere } from "../check.ts";

/** The addresses that the daemons' units serve. */
export const portCheck: DoctorCheck = {
  id: "port",
  what: "whether the addresses of the installed daemons are theirs",
  why: "a daemon whose address is taken does not start, and who calls there reaches somebody else",
  runbook: "ALREADY_RUNNING",
  async look({ files, unitDirectory, daemon, machine }) {
    const findings: Finding[] = [];
    let count = 0;
    for (const unit of SERVED_UNITS) {
      const { isRunning, record } = await daemon(unit === "mosaic-node.service" ? "node" : "aggregator");
      for (const address of listenOfUnit((await files.read(`${unitDirectory}/${unit}`)) ?? "")) {
        const endpoint = parseEndpoint(address);
        if (endpoint.kind === "unix") continue;
        count += 1;
        // Units may say it without a scheme, which the daemon adds.
        const isOwn = isRunning && record?.endpoints.includes(formatEndpoint(endpoint));
        if (isOwn || !(await machine.isListening(endpoint.hostname, endpoint.port))) continue;
        findings.push(fault(`${address} of ${unit} is taken by another program`, `ss -ltnp 'sport = :${endpoint.port}'`));
      }
    }
    return count === 0 ? [nothingHere("no installed daemon serves a TCP address")] : faultsOr(findings, "they are, or are free");
  },
};
