/** Runs on a host of the lab as somebody of a fleet: tries rpcs about somebody, and says what was told and which canaries were in what
 *  it received. Its task comes as JSON on standard input; one line of JSON for each call goes out. */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { ENROLMENT_RPCS, FLEET_RPCS, requestAbout, type Subject } from "./every-rpc.ts";
import { type CallerFiles, type CallPlace, callOverGrpc, callOverHttp1 } from "./recorded-call.ts";

/** What a stranger is to do. */
export interface StrangerTask {
  /** Where credentials.pem and roots.pem are. */
  readonly identity: string;
  readonly places: readonly (CallPlace & { readonly name: string; readonly service: "fleet" | "enrolment" })[];
  readonly subjects: readonly (Subject & { readonly name: string })[];
  /** Only these; empty: every one that there is. */
  readonly rpcs: readonly string[];
  readonly canaries: readonly string[];
}

/** One call of it. */
export interface StrangerReport {
  readonly place: string;
  readonly rpc: string;
  readonly carrier: string;
  readonly subject: string;
  readonly told: string;
  readonly bytes: number;
  readonly canaries: readonly string[];
}

const task = JSON.parse(await text(process.stdin)) as StrangerTask;
const own = await readFile(`${task.identity}/credentials.pem`, "utf8");
const caller: CallerFiles = { key: own, cert: own, ca: await readFile(`${task.identity}/roots.pem`, "utf8") };
for (const place of task.places) {
  // Who lets people in speaks HTTP/1.1 alone.
  const carriers = place.service === "fleet" ? { http1: callOverHttp1, grpc: callOverGrpc } : { http1: callOverHttp1 };
  const rpcs = (place.service === "fleet" ? FLEET_RPCS : ENROLMENT_RPCS).filter(
    ({ name }) => task.rpcs.length === 0 || task.rpcs.includes(name),
  );
  for (const [carrier, call] of Object.entries(carriers)) {
    const calls = rpcs.flatMap((rpc) => task.subjects.map((subject) => ({ rpc, subject })));
    await Promise.all(
      calls.map(async ({ rpc, subject }) => {
        const { told, received } = await call(caller, place, rpc, requestAbout(rpc, subject));
        const canaries = task.canaries.filter((canary) => holds(received, canary));
        const report: StrangerReport = {
          ...{ place: place.name, rpc: rpc.name, carrier, subject: subject.name },
          ...{ told, bytes: received.length, canaries },
        };
        process.stdout.write(`${JSON.stringify(report)}\n`);
      }),
    );
  }
}
process.exit(0);

/** As it is, and in base64 wherever it begins. */
function holds(received: string, canary: string): boolean {
  const packed = [0, 1, 2].map((skip) => {
    const whole = Buffer.from("\0".repeat(skip) + canary).toString("base64");
    return whole.slice(skip === 0 ? 0 : 4, -4);
  });
  return [canary, ...packed].some((form) => received.includes(form));
}
