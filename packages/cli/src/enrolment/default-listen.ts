import { createServer } from "node:net";
import { type FileStore, MosaicError } from "@mosaic/core";
import { identityFolder, parseEnrolmentFile } from "@mosaic/identity";

const FIRST_PORT = 8787;
/** As many tenants of one host find a port without being told one. */
const PORTS = 100;

/** Where the node of a home serves the fleet when nobody says so: where it did before; else at the first port from 8787 on that nobody
 *  has, since each tenant of a host has a node of its own.
 *  @throws MosaicError MACHINE when all of them are taken */
export async function defaultListen(files: FileStore, mosaicHome: string, isFree = isPortFree): Promise<readonly string[]> {
  const path = `${identityFolder(mosaicHome, "node")}/enrolment.json`;
  const text = await files.read(path);
  const before = text === undefined ? [] : parseEnrolmentFile(text, path).listen;
  if (before.length > 0) return before;
  for (let port = FIRST_PORT; port < FIRST_PORT + PORTS; port += 1) if (await isFree(port)) return [`0.0.0.0:${port}`];
  throw new MosaicError("MACHINE", `no port from ${FIRST_PORT} to ${FIRST_PORT + PORTS - 1} is free`, {
    hint: "say where the node is to serve: --listen 0.0.0.0:<port>",
  });
}

function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: "0.0.0.0", port }, () => server.close(() => resolve(true)));
  });
}
