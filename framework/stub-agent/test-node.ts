/** A node for the stub agent's tests: takes heartbeats on a Unix socket and remembers them. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Report {
  agent: { tenantId: string; host: string; name: string };
  status: string;
  waitingFor: string;
  detail: string;
  turnId: string;
  sessionId: string;
  pid: number;
  intervalMs: number;
  accepted: { textSha256: string; turnId: string }[];
  endedTurnIds: string[];
}

export interface TestNode extends AsyncDisposable {
  readonly socket: string;
  readonly calls: { url: string; method: string; headers: IncomingHttpHeaders; report: Report }[];
  reports(): Report[];
  /** What to answer from now on: an interval, an HTTP error, or nothing at all. */
  answer: { intervalMs: number } | { status: number } | "silence";
  /** How long an answer takes. */
  delayMs: number;
  listen(): Promise<void>;
}

/** Makes a node; it answers once {@link TestNode.listen} was called. */
export async function createTestNode(): Promise<TestNode> {
  const directory = await mkdtemp(join(tmpdir(), "mosaic-node-"));
  const socket = join(directory, "node.sock");
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      text += chunk;
    });
    request.on("end", () => {
      const { answer } = node;
      if (answer === "silence") return;
      if ("status" in answer) {
        response.writeHead(answer.status).end("{}");
        return;
      }
      // Remembered only when it is confirmed, as a real node does.
      node.calls.push({
        url: request.url ?? "",
        method: request.method ?? "",
        headers: request.headers,
        report: JSON.parse(text),
      });
      const reply = (): unknown => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
      setTimeout(reply, node.delayMs);
    });
  });
  const node: TestNode = {
    socket,
    calls: [],
    reports: () => node.calls.map((call) => call.report),
    answer: { intervalMs: 15_000 },
    delayMs: 0,
    listen: () => new Promise((resolve) => server.listen(socket, resolve)),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return node;
}
