#!/usr/bin/env node
// Hands metrics on from container to container without a port that agents could reach.
//
//   mosaic-metrics share <socket> <host:port>   in a daemon's container: a Unix socket, of this user alone, to its loopback port
//   mosaic-metrics serve <port> <folder>        beside Prometheus: /<name>/metrics is what <folder>/<name>/metrics.sock shows
import { chmodSync, rmSync } from "node:fs";
import { createServer as createHttpServer, request } from "node:http";
import { connect, createServer } from "node:net";
import { join } from "node:path";

const [verb, first, second] = process.argv.slice(2);
if (verb === "share" && second !== undefined) share(first, second);
else if (verb === "serve" && second !== undefined) serve(Number(first), second);
else {
  process.stderr.write("usage: mosaic-metrics share <socket> <host:port> | serve <port> <folder>\n");
  process.exit(2);
}

function share(socket, address) {
  const { hostname, port } = new URL(`http://${address}`);
  process.umask(0o177);
  // One of a container that was killed is still there.
  rmSync(socket, { force: true });
  createServer((reader) => {
    const metrics = connect({ host: hostname, port: Number(port) });
    for (const [one, other] of [
      [reader, metrics],
      [metrics, reader],
    ]) {
      // Whoever is left learns of the end by it.
      one.once("error", () => other.destroy());
      one.once("close", () => other.destroy());
    }
    reader.pipe(metrics).pipe(reader);
  }).listen(socket, () => chmodSync(socket, 0o600));
}

function serve(port, folder) {
  createHttpServer((asked, reply) => {
    const [, name] = /^\/([a-z0-9-]+)\/metrics$/.exec(asked.url) ?? [];
    const refuse = (status, why) =>
      reply.headersSent || reply.writeHead(status, { "content-type": "text/plain" }).end(`${why}\n`);
    if (asked.url === "/healthz") return refuse(200, "ok");
    if (name === undefined || asked.method !== "GET") return refuse(404, "metrics are at /<name>/metrics");
    const socketPath = join(folder, name, "metrics.sock");
    // The daemon answers to loopback names only.
    const headers = { host: "127.0.0.1", accept: asked.headers.accept ?? "text/plain" };
    const asking = request({ socketPath, path: "/metrics", headers, timeout: 10_000 }, (answer) => {
      reply.writeHead(answer.statusCode, { "content-type": answer.headers["content-type"] });
      answer.once("error", () => reply.destroy());
      answer.pipe(reply);
    });
    asking.once("timeout", () => asking.destroy(new Error("no answer within 10 s")));
    asking.once("error", (error) => refuse(502, `${name}: ${error.message}`));
    reply.once("close", () => asking.destroy());
    asking.end();
  }).listen(port);
}
