import { createServer } from "node:net";

/** Claims a port of this host among all joins that look for one, of every user, until the claim is disposed of or this process ends,
 *  however it ends. It is a name that Linux keeps beside the ports, for the same network namespace, and no file: the port itself stays
 *  free for the node that is started meanwhile.
 *  @returns undefined when another join has it */
export function claimPort(port: number): Promise<AsyncDisposable | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      // Where there are no such names (macOS) nothing is claimed, and a node that finds its port taken says so.
      resolve(error.code === "EADDRINUSE" ? undefined : { [Symbol.asyncDispose]: async () => {} });
    });
    server.listen({ path: `\0mosaic-host-join-${port}` }, () => {
      server.unref();
      resolve({ [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())) });
    });
  });
}
