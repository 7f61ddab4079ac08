import assert from "node:assert/strict";
import { test } from "node:test";
import { assertLinks, isFromLink, type Link, listLinks } from "./links.ts";

const info = { netmask: "", mac: "00:11:22:33:44:55", internal: false };
const interfaces: Parameters<typeof listLinks>[0] = {
  lo: [{ ...info, family: "IPv4", address: "127.0.0.1", cidr: "127.0.0.1/8", internal: true }],
  eth0: [
    { ...info, family: "IPv4", address: "10.0.0.5", cidr: "10.0.0.5/24" },
    { ...info, family: "IPv6", address: "fd00::5", cidr: "fd00::5/64", scopeid: 0 },
    { ...info, family: "IPv6", address: "fe80::5", cidr: "fe80::5/64", scopeid: 2 },
  ],
  tun0: [{ ...info, family: "IPv4", address: "10.9.0.1", cidr: "10.9.0.1/32" }],
};

test("each kind of IP on each interface is a link, and loopback is none", () => {
  const links = listLinks(interfaces).map(({ interfaceName, family, address }) => `${interfaceName} ${family} ${address}`);
  assert.deepEqual(links, ["eth0 ipv4 10.0.0.5", "eth0 ipv6 fe80::5", "tun0 ipv4 10.9.0.1"]);
  assert.deepEqual(listLinks(interfaces)[0]?.addresses, ["10.0.0.5", "fd00::5", "fe80::5"]);
});

test("a host with hundreds of bridges looks at 64 links", () => {
  const [first] = interfaces["tun0"] ?? [];
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`br${index}`, first ? [first] : []]));
  assert.equal(listLinks(many).length, 64);
});

test("a sender is of a link when it is in one of its networks, or says that link itself", () => {
  const [four, six] = listLinks(interfaces) as [Link, Link];
  const cases: [Link, string, boolean][] = [
    [four, "10.0.0.9", true],
    [four, "10.0.1.9", false],
    [four, "::ffff:10.0.0.9", false],
    [four, "fe80::9%eth0", false],
    [four, "", false],
    [four, "10.0.0", false],
    [four, "10.0.0.999", false],
    [six, "fe80::9%eth0", true],
    [six, "fe80::9%eth1", false],
    [six, "fd00::9", true],
    [six, "fd00:0:0:0:1::9", true],
    [six, "fd00:0:0:1::9", false],
    [six, "fd01::9", false],
    [six, "10.0.0.9", false],
    [six, "1::2::3", false],
  ];
  for (const [link, sender, expected] of cases) assert.equal(isFromLink(link, sender), expected, `${link.family} ${sender}`);
});

test("a host without links is told so", () => {
  assert.throws(() => assertLinks([]), /multicast is not available/);
});
