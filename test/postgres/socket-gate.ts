import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A way to a server that a test may shut: what is connected breaks then, and who comes is sent away. */
export interface SocketGate extends AsyncDisposable {
  /** The URL that leads through it. */
  readonly url: string;
  setOpen(isOpen: boolean): void;
  /** Makes that nothing passes any more, and nothing breaks; or that it does again. */
  setStalled(isStalled: boolean): void;
  /** Shuts when a client has said this, and it has reached the server: so that the answer is lost. */
  shutAfter(word: string): void;
}

const SOCKET = ".s.PGSQL.5432";

/** Makes a gate before the server that a URL with a socket folder leads to. */
export async function socketGate(url: string, serverFolder: string): Promise<SocketGate> {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-gate-"));
  const open = new Set<Socket>();
  let isOpen = true;
  let isStalled = false;
  let lastWord: string | undefined;
  const shut = () => {
    isOpen = false;
    for (const socket of open) socket.destroy();
  };
  const server = createServer((client) => {
    if (!isOpen) return void client.destroy();
    const upstream = connect(join(serverFolder, SOCKET));
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    let isLast = false;
    client.on("data", (data: Buffer) => {
      isLast ||= lastWord !== undefined && data.includes(lastWord);
      upstream.write(data);
    });
    // What the server has answered, it has done.
    upstream.on("data", (data: Buffer) => (isLast ? shut() : client.write(data)));
    // Listening for data lets it flow.
    if (isStalled) for (const socket of [client, upstream]) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(join(folder, SOCKET), resolve));
  return {
    url: url.replace(encodeURIComponent(serverFolder), encodeURIComponent(folder)),
    setOpen(next) {
      lastWord = undefined;
      isOpen = next;
      if (!next) shut();
    },
    setStalled(next) {
      isStalled = next;
      for (const socket of open) next ? socket.pause() : socket.resume();
    },
    shutAfter(word) {
      lastWord = word;
    },
    async [Symbol.asyncDispose]() {
      shut();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
