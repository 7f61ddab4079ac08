import { MosaicError } from "@mosaic/core";
import { agentJson } from "../../fleet/builders-for-tests.ts";
import { LISTEN, NO_DAEMON, NOW_MS, soundFleet, soundNode, soundVersions } from "../sound-world-for-tests.ts";
import { change, fleetFile, nodeUnit, type PlantedFault, withHost } from "./planted-fault-for-tests.ts";

/** Faults of units, daemons and the fleet. */
export const SERVICE_FAULTS: readonly PlantedFault[] = [
  {
    name: "a unit file was changed by hand",
    plant: (world) => change(nodeUnit(world), world, (text) => text.replace("RestartSec=2", "RestartSec=200")),
    check: "unit-files",
    severity: "warn",
    found: /mosaic-node\.service was changed since it was made/,
    next: /^mosaic gateway install --role node --host 127\.0\.0\.1 --port 8787 {2}# .*systemctl --user edit mosaic-node\.service$/,
  },
  {
    name: "a unit file is not Mosaic's",
    plant: (world) => world.write(nodeUnit(world), "[Service]\nExecStart=/bin/true\n"),
    check: "unit-files",
    found: /was not made by Mosaic/,
    next: /^cat \//,
  },
  {
    name: "the units run the fleet of another home",
    plant: (world) => change(nodeUnit(world), world, (text) => text.replaceAll(world.paths.mosaicHome, "/srv/other")),
    check: "unit-files",
    found: /runs the fleet of \/srv\/other/,
    next: /^export MOSAIC_HOME=\/srv\/other$/,
  },
  {
    name: "what is installed has drifted from the roster",
    plant: (world) => (world.installation = async () => [{ kind: "update", path: "/units/mosaic-agent@.service" }]),
    check: "installation",
    severity: "warn",
    found: /1 file is not what they should be: \/units\/mosaic-agent@\.service/,
    next: /^mosaic fleet install-systemd --dry-run$/,
  },
  {
    name: "the Node.js that the unit executes is gone",
    plant: (world) => change(nodeUnit(world), world, (text) => text.replace(process.execPath, "/opt/node-22/bin/node")),
    check: "unit-programs",
    found: /mosaic-node\.service executes \/opt\/node-22\/bin\/node, which is gone/,
    next: /^mosaic fleet install-systemd && mosaic gateway restart --role node$/,
  },
  {
    name: "systemd has not read a changed unit file",
    plant: ({ machine, units }) =>
      (machine.unitsToReload = async () => (units.calls.includes("reload") ? [] : ["mosaic-node.service"])),
    check: "reload",
    severity: "warn",
    found: /mosaic-node\.service changed since/,
    next: /^systemctl --user daemon-reload$/,
    isMended: true,
  },
  {
    name: "a unit failed",
    plant: ({ units }) => units.set("mosaic-agent@lead.service", { active: "failed", result: "exit-code", restarts: 12 }),
    check: "units",
    found: /mosaic-agent@lead\.service failed \(exit-code, 12 restarts\)/,
    next: /^journalctl --user -u mosaic-agent@lead\.service -n 50$/,
  },
  {
    name: "a core agent runs and would not come back after a reboot",
    plant: ({ units }) => units.set("mosaic-agent@lead.service", { enabled: "disabled" }),
    check: "boot",
    severity: "warn",
    found: /mosaic-agent@lead\.service runs and is not enabled/,
    next: /^mosaic fleet install-systemd$/,
  },
  {
    name: "the node is installed and does not run",
    plant: (world) => (world.daemon = async () => NO_DAEMON),
    check: "node",
    found: /it is installed and does not run/,
    next: /^mosaic gateway start --role node$/,
  },
  {
    name: "the node runs and does not answer",
    plant: (world) => {
      const silence = new MosaicError("DEADLINE", "no answer within 2000 ms");
      world.daemon = async () => ({ ...soundNode(world.paths.runDirectory), info: undefined, silence });
    },
    check: "node",
    found: /process 42 runs and does not answer: no answer within 2000 ms/,
    next: /^systemctl --user restart mosaic-node\.service$/,
  },
  {
    name: "an aggregator is meant and does not run",
    plant: (world) => world.write(fleetFile(world, "hosts.yaml"), "[]\n"),
    check: "aggregator",
    found: /no mosaic-aggregator runs for this home/,
    next: /^mosaic gateway install --role aggregator$/,
  },
  {
    name: "the node is of another version than the command of a clone",
    plant: (world) => {
      world.version = "1.1.0";
      world.versions = async () => soundVersions({ own: { kind: "clone", folder: "/home/ada/mosaic" } });
    },
    check: "version",
    severity: "warn",
    found: /mosaic-node is 1\.0\.0, this command 1\.1\.0/,
    next: /^mosaic gateway restart --role node$/,
  },
  {
    name: "another program has the port",
    plant: (world) => {
      world.daemon = async () => NO_DAEMON;
      world.machine.isListening = async (_hostname, port) => port === 8787;
    },
    check: "port",
    found: new RegExp(`${LISTEN} of mosaic-node\\.service is taken by another program`),
    next: /^ss -ltnp 'sport = :8787'$/,
  },
  {
    name: "this host's clock is off",
    plant: (world) => (world.nowUnixMs = NOW_MS + 90_000),
    check: "clock",
    severity: "warn",
    found: /this host's clock is 90 s ahead of the fleet's/,
    next: /^timedatectl$/,
  },
  {
    name: "another host's clock is off",
    plant: (world) =>
      (world.fleet = withHost({ asOfUnixMs: String(NOW_MS), conditions: [{ type: "CLOCK_SKEW", message: "is 9 s ahead" }] })),
    check: "clock",
    severity: "warn",
    found: /team-a\/beta: is 9 s ahead/,
    next: /^timedatectl {2}# on beta$/,
  },
  {
    name: "a host is unreachable",
    plant: (world) => (world.fleet = withHost({ state: "HOST_STATE_UNREACHABLE", detail: "connection refused" })),
    check: "hosts",
    found: /team-a\/beta is UNREACHABLE: connection refused/,
    next: /^mosaic host describe team-a\/beta$/,
  },
  {
    name: "somebody of another fleet answers in a host's place",
    plant: (world) =>
      (world.fleet = withHost({ state: "HOST_STATE_AUTH_FAILED", detail: "another fleet", address: "https://beta.test:8443" })),
    check: "hosts",
    found: /team-a\/beta is AUTH_FAILED: another fleet/,
    next: /^mosaic gateway probe --endpoint https:\/\/beta\.test:8443$/,
  },
  {
    name: "a host says that it can't renew its certificate",
    plant: (world) => {
      const conditions = [{ type: "RENEWAL_FAILING", message: "nobody answers" }];
      world.fleet = withHost({ asOfUnixMs: String(NOW_MS), conditions });
    },
    check: "conditions",
    severity: "warn",
    found: /RENEWAL_FAILING of team-a\/beta: nobody answers/,
    next: /^mosaic host describe team-a\/beta$/,
  },
  {
    name: "an agent is not heard",
    plant: (world) => {
      const agents = [agentJson("alpha", "lead", { conditions: [{ type: "HOOKLESS", message: "never heard" }] })];
      world.fleet = async () => ({ ...soundFleet(), agents });
    },
    check: "agents",
    severity: "warn",
    found: /team-a\/alpha\/lead: HOOKLESS: never heard/,
    next: /^mosaic agent status team-a\/alpha\/lead$/,
  },
];
