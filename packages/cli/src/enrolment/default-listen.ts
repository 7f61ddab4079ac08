import { createServer } from "node:net";
import { type Clock, type FileStore, MosaicError } from "@mosaic/core";
import { identityFolder, parseEnrolmentFile } from "@mosaic/identity";
import { isListening } from "../local/is-listening.ts";
import { claimPort } from "./claim-port.ts";

const FIRST_PORT = 8787;
/** As many tenants of one host find a port without being told one. */
const PORTS = 100;
/** How long a node that was started may take until it listens, in ms, and how often that is looked at. */
const SERVE_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** Where a node is to serve. While it is not disposed of, no other join of this host takes the same port. */
export interface ListenChoice extends AsyncDisposable {
  readonly listen: readonly string[];
  /** Waits until the node that was started has the port, so that whoever joins next sees it taken.
   *  @returns false when nobody listens there after 10 s */
  isServed(clock: Clock, signal: AbortSignal): Promise<boolean>;
}

export interface PortWorld {
  readonly isFree: (port: number) => Promise<boolean>;
  readonly claim: (port: number) => Promise<AsyncDisposable | undefined>;
  readonly isListening: (hostname: string, port: number) => Promise<boolean>;
}

/** Where the node of a home serves the fleet when nobody says so: where it did before; else at the first port from 8787 on that nobody
 *  has and no other join is about to give to its node, since each tenant of a host has a node of its own.
 *  @throws MosaicError MACHINE when all of them are taken */
export async function defaultListen(files: FileStore, mosaicHome: string, world: PortWorld = REAL): Promise<ListenChoice> {
  const path = `${identityFolder(mosaicHome, "node")}/enrolment.json`;
  const text = await files.read(path);
  const before = text === undefined ? [] : parseEnrolmentFile(text, path).listen;
  if (before.length > 0) return { listen: before, isServed: async () => true, [Symbol.asyncDispose]: async () => {} };
  for (let port = FIRST_PORT; port < FIRST_PORT + PORTS; port += 1) {
    // First the claim: to try a port is to hold it for a moment, in which the node of another join may want it.
    const claim = await world.claim(port);
    if (claim === undefined) continue;
    if (await world.isFree(port)) return claimed(port, claim, world);
    await claim[Symbol.asyncDispose]();
  }
  throw new MosaicError("MACHINE", `no port from ${FIRST_PORT} to ${FIRST_PORT + PORTS - 1} is free`, {
    hint: "say where the node is to serve: --listen 0.0.0.0:<port>",
  });
}

function claimed(port: number, claim: AsyncDisposable, world: PortWorld): ListenChoice {
  return {
    listen: [`0.0.0.0:${port}`],
    async isServed(clock, signal) {
      const endsAtMs = clock.monotonicMs() + SERVE_MS;
      while (!(await world.isListening("0.0.0.0", port))) {
        if (signal.aborted || clock.monotonicMs() >= endsAtMs) return false;
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
      return true;
    },
    [Symbol.asyncDispose]: () => claim[Symbol.asyncDispose](),
  };
}

function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: "0.0.0.0", port }, () => server.close(() => resolve(true)));
  });
}

const REAL: PortWorld = { isFree: isPortFree, claim: claimPort, isListening };
