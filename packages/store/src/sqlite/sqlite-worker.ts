/** The thread that writes: a disk that takes its time holds up this one, and not the daemon. Imports nothing that other rooms'
 *  code also imports, so that in a bundle its chunk is loaded by the worker without the program around it. */
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { MessageDatabase } from "./message-database.ts";
import type { WorkerAnswer, WorkerOptions, WorkerRequest } from "./worker-messages.ts";

/** Where this file is, in the sources and in a bundle alike: the main thread loads it to learn that, and nothing else. */
export const SQLITE_WORKER_URL: string = import.meta.url;

if (!isMainThread && parentPort !== null && isOurs(workerData)) {
  const port = parentPort;
  const database = new MessageDatabase(workerData);
  port.on("message", (request: WorkerRequest) => port.postMessage(answer(database, request)));
}

function answer(database: MessageDatabase, request: WorkerRequest): WorkerAnswer {
  if (request.kind === "open") return database.open();
  if (request.kind === "commit") return database.commit(request.writes);
  database.close();
  return { kind: "done", lowSpace: undefined };
}

function isOurs(data: unknown): data is WorkerOptions {
  return typeof data === "object" && data !== null && "role" in data && data.role === "mosaic-message-store";
}
