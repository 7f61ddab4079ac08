#!/usr/bin/env node
// Whether the daemon of this container answers on its Unix socket: exit 0, else 1 with why. For the engine's health check.
import { readdirSync } from "node:fs";
import { request } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";

const home = process.env.MOSAIC_HOME ?? join(homedir(), ".config/mosaic");
const folder = join(home, "fleet/run");
const socket = ["node.sock", "aggregator.sock"].find((name) => readdirSync(folder).includes(name));
if (socket === undefined) end(`no daemon serves in ${folder}`);

const asking = request({ socketPath: join(folder, socket), path: "/healthz", headers: { host: "localhost" }, timeout: 4000 });
asking.once("response", ({ statusCode }) => end(statusCode === 200 ? undefined : `${socket} says ${statusCode} to /healthz`));
asking.once("timeout", () => end(`${socket} says nothing`));
asking.once("error", (error) => end(`${socket}: ${error.message}`));
asking.end();

function end(why) {
  if (why !== undefined) process.stderr.write(`mosaic-alive: ${why}\n`);
  process.exit(why === undefined ? 0 : 1);
}
