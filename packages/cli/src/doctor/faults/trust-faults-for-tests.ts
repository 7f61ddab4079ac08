import { chmod } from "node:fs/promises";
import { createFleetCa } from "@mosaic/identity";
import { NOW_MS, soundFleet, soundNode } from "../sound-world-for-tests.ts";
import { fleetFile, HOUR_MS, type PlantedFault, reissue } from "./planted-fault-for-tests.ts";

/** Faults of identity, policy and membership. */
export const TRUST_FAULTS: readonly PlantedFault[] = [
  {
    name: "others may read the key of this host",
    plant: (world) => chmod(fleetFile(world, "identity/credentials.pem"), 0o644),
    check: "identity-files",
    found: /mode 644: others may read the key/,
    next: /^chmod 600 .*credentials\.pem$/,
    isMended: true,
  },
  {
    name: "others may write the roots that this host believes",
    plant: (world) => chmod(fleetFile(world, "identity/roots.pem"), 0o666),
    check: "identity-files",
    found: /mode 666: others may write it/,
    next: /^chmod go-w .*roots\.pem$/,
    isMended: true,
  },
  {
    name: "the certificate is near its end and not renewed",
    plant: async (world) => reissue(world, { issuedAtMs: NOW_MS - 20 * HOUR_MS }),
    check: "certificate",
    severity: "warn",
    found: /the daemon's certificate ends in 4h, and is not being renewed/,
    next: /^journalctl --user -u mosaic-node /,
  },
  {
    name: "the certificate is over",
    plant: async (world) => reissue(world, { issuedAtMs: NOW_MS - 30 * HOUR_MS }),
    check: "certificate",
    found: /the daemon's certificate ended /,
    next: /^mosaic gateway restart --role node$/,
  },
  {
    name: "the certificate has not begun: the clock is behind",
    plant: async (world) => reissue(world, { issuedAtMs: NOW_MS + 48 * HOUR_MS }),
    check: "certificate",
    found: /this host's clock is behind/,
    next: /^timedatectl$/,
  },
  {
    name: "the certificate is another authority's",
    plant: async (world) => reissue(world, { rootsOf: await createFleetCa("acme", NOW_MS - HOUR_MS) }),
    check: "fleet-trust",
    found: /do not fit: no authority of this fleet has signed/,
    next: /^mosaic host join <line>$/,
  },
  {
    name: "the certificate is of another tenant than the roster",
    plant: async (world) => reissue(world, { tenantId: "team-b" }),
    check: "fleet-trust",
    found: /the roster is of tenant "team-a", and the certificate of "team-b"/,
    next: /^mosaic agent roster/,
  },
  {
    name: "the policy is invalid",
    plant: (world) => world.write(fleetFile(world, "policy.yaml"), "grants: 7\n"),
    check: "policy",
    found: /policy\.yaml/,
    next: /^mosaic policy check$/,
  },
  {
    name: "the guardrails are invalid",
    plant: (world) => world.write(fleetFile(world, "guardrails.yaml"), "rules: 7\n"),
    check: "guardrails",
    found: /guardrails\.yaml/,
    next: /guardrails\.yaml$/,
  },
  {
    name: "the membership file is invalid, and nobody runs who would say so",
    plant: (world) => world.write(fleetFile(world, "hosts.yaml"), `[${member("[]")}]\n`),
    check: "membership",
    found: /group 1: targets is empty/,
    next: /^\$\{EDITOR:-vi\} .*hosts\.yaml$/,
  },
  {
    name: "the store of what was added by command is gone",
    plant: (world) => {
      world.daemon = async () => soundNode(world.paths.runDirectory);
      const conditions = [{ type: "MEMBERSHIP_FROZEN", message: "members can't be changed: the store is gone" }];
      world.fleet = async () => ({ ...soundFleet(), conditions });
    },
    check: "membership",
    found: /the store is gone/,
    next: /^mosaic host list --all-hosts$/,
  },
  {
    name: "a member can be reached at none of its addresses",
    plant: async (world) => {
      await world.write(fleetFile(world, "hosts.yaml"), `[${member('["https://beta:8787", "127.0.0.1:8788"]')}]\n`);
      world.machine.whyUnreachable = async () => "ECONNREFUSED";
    },
    check: "members",
    found: /^team-a\/beta can't be reached: https:\/\/beta:8787 \(ECONNREFUSED\), http:\/\/127\.0\.0\.1:8788 \(ECONNREFUSED\)$/,
    next: /^mosaic gateway probe --endpoint https:\/\/beta:8787$/,
  },
  {
    name: "the membership file is empty",
    plant: (world) => world.write(fleetFile(world, "hosts.yaml"), "\n"),
    check: "membership",
    found: /is empty; a fleet of no hosts is written \[\]/,
    next: /^echo '\[\]' > /,
  },
];

const member = (targets: string) => `{ targets: ${targets}, labels: { host: beta, tenant: team-a } }`;
