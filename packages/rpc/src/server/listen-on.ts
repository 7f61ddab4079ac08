import { chmod } from "node:fs/promises";
import type { Server } from "node:net";
import { MosaicError } from "@mosaic/core";
import { type Endpoint, formatEndpoint } from "../endpoint.ts";

/** Listens, and gives a Unix socket mode 0600.
 *  @returns the endpoint with the real port where 0 was asked for
 *  @throws MosaicError ALREADY_RUNNING when something else listens there, MACHINE */
export async function listenOn(server: Server, endpoint: Endpoint): Promise<Endpoint> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenFailure(endpoint, error)));
    // No moment in which another user could connect: the socket's folder is 0700, and umask is not ours to change.
    if (endpoint.kind === "unix") server.listen(endpoint.path, resolve);
    else server.listen(endpoint.port, endpoint.hostname, resolve);
  });
  if (endpoint.kind === "unix") {
    await chmod(endpoint.path, 0o600);
    return endpoint;
  }
  const address = server.address();
  return { ...endpoint, port: typeof address === "object" && address ? address.port : endpoint.port };
}

function listenFailure(endpoint: Endpoint, error: NodeJS.ErrnoException): MosaicError {
  const where = formatEndpoint(endpoint);
  if (error.code === "EADDRINUSE") {
    return new MosaicError("ALREADY_RUNNING", `cannot listen on ${where}: something else does`, {
      hint: "stop it, or choose another address with --listen",
      cause: error,
    });
  }
  return new MosaicError("MACHINE", `cannot listen on ${where}: ${error.message}`, { cause: error });
}
