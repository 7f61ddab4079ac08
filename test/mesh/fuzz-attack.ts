import type { Duplex } from "node:stream";
import { seededRandom } from "@mosaic/testkit";
import {
  asHttp1,
  asHttp2,
  badCall,
  badFrames,
  FRAMED_TYPES,
  HTTP2_BEGIN,
  leaveStreams,
  noise,
  type Random,
} from "./fuzz-input.ts";

const AT_ONCE = 32;
const PROGRESS_EVERY = 50_000;
/** Messages that one round puts on a connection of HTTP/2. */
const AT_A_TIME = 8;
/** Half a message waits for its rest, and a stream goes on: nobody waits with them. */
const QUIET_MS = 30;
/** Whole messages are answered, though a busy machine takes its time. */
const FIRST_MS = process.env["MOSAIC_TEST_LONG"] === "1" ? 3000 : 500;

/** What became of what was thrown. */
export interface Told {
  /** Messages, frames and connections that are none. */
  thrown: number;
  /** Messages and connections that got an answer, with an error or not. */
  answered: number;
  /** Those on which the server hung up, or said nothing. */
  cut: number;
}

/** How a run throws one thing after the other: once for each worker. */
export type Thrower = (random: Random) => { throwOne(): Promise<Told>; end(): void };

/** Throws until so many were thrown, or the time is over that MOSAIC_TEST_SECONDS gives, by 32 workers with seeds of their own.
 *  @param onProgress is told how many were thrown, each 50,000 */
export async function attack(
  count: number,
  seed: number,
  thrower: Thrower,
  onProgress: (thrown: number) => void = () => {},
): Promise<Told> {
  const told: Told = { thrown: 0, answered: 0, cut: 0 };
  let nextProgress = PROGRESS_EVERY;
  const endsAtMs = performance.now() + 1000 * Number(process.env["MOSAIC_TEST_SECONDS"] ?? 86_400);
  const worker = async (_: unknown, index: number) => {
    const { throwOne, end } = thrower(seededRandom(seed + index));
    while (told.thrown < count && performance.now() < endsAtMs) {
      add(told, await throwOne());
      if (told.thrown < nextProgress) continue;
      nextProgress += PROGRESS_EVERY;
      onProgress(told.thrown);
    }
    end();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return told;
}

function add(told: Told, { thrown, answered, cut }: Told): void {
  told.thrown += thrown;
  told.answered += answered;
  told.cut += cut;
}

/** Opens a connection, which need not be one yet. With TLS it says what it is going to speak. */
export type Connect = (protocol: "http/1.1" | "h2") => Duplex;

/** Throws messages and frames at a port: as HTTP/1.1, as HTTP/2, and what is neither.
 *  @param strangeRate share of connections that are used once, for frames and bytes that are none
 *  @param firstMs how long a whole message waits for its answer, and a new connection for being one */
export function messageThrower(connect: Connect, strangeRate = 0.1, firstMs = FIRST_MS): Thrower {
  return (random) => {
    const [http1, http2] = [new Line(() => connect("http/1.1")), new Line(() => connect("h2"))];
    let stream = 1;
    return {
      async throwOne() {
        const kind = random();
        if (kind < strangeRate / 3) return await once(() => connect("http/1.1"), noise(random, 400), 1);
        if (kind < strangeRate) {
          const frames = 1 + Math.floor(random() * 6);
          return await once(() => connect("h2"), badFrames(random, frames), frames);
        }
        if (kind < 0.6) {
          const isAnswered = await http1.ask(asHttp1(badCall(random), random), isWholeHttp1, firstMs);
          return { thrown: 1, answered: isAnswered ? 1 : 0, cut: isAnswered ? 0 : 1 };
        }
        if (!http2.isOpen) stream = 1;
        const streams = Array.from({ length: AT_A_TIME }, (_, index) => stream + 2 * (index + 1));
        // Those of before that go on are left, as a client does that has seen enough.
        const begin = stream === 1 ? HTTP2_BEGIN : leaveStreams(streams.map((each) => each - 2 * AT_A_TIME));
        const calls = streams.map((each) => asHttp2(badCall(random, FRAMED_TYPES), each));
        const before = stream;
        stream += 2 * AT_A_TIME;
        let answered = 0;
        const isWhole = (reply: Buffer) => {
          answered = answeredStreams(reply, before);
          return answered >= AT_A_TIME;
        };
        await http2.ask(Buffer.concat([begin, ...calls]), isWhole, firstMs);
        return { thrown: AT_A_TIME, answered, cut: AT_A_TIME - answered };
      },
      end() {
        http1.end();
        http2.end();
      },
    };
  };
}

/** Throws what one of several throws, by its share. */
export function mixedThrower(kinds: readonly (readonly [share: number, thrower: Thrower])[]): Thrower {
  return (random) => {
    const each = kinds.map(([share, thrower]) => ({ share, ...thrower(random) }));
    return {
      async throwOne() {
        let left = random();
        const chosen = each.find(({ share }) => {
          left -= share;
          return left < 0;
        });
        return (await (chosen ?? each[0])?.throwOne()) ?? { thrown: 0, answered: 0, cut: 0 };
      },
      end() {
        for (const { end } of each) end();
      },
    };
  };
}

/** Sends bytes over a connection of their own. */
export async function once(connect: () => Duplex, sent: Buffer, thrown: number): Promise<Told> {
  const line = new Line(connect);
  const isAnswered = await line.ask(sent, () => false);
  line.end();
  return { thrown, answered: isAnswered ? thrown : 0, cut: isAnswered ? 0 : thrown };
}

/** A connection that is opened anew when the server has ended it. */
class Line {
  readonly #connect: () => Duplex;
  #socket: Duplex | undefined;

  constructor(connect: () => Duplex) {
    this.#connect = connect;
  }

  get isOpen(): boolean {
    return this.#socket?.destroyed === false;
  }

  /** Sends something and waits until the answer is whole, the server hangs up or is quiet; then only an answer that is whole leaves the
   *  connection open.
   *  @returns whether anything was answered */
  ask(sent: Buffer, isWhole: (reply: Buffer) => boolean, firstMs = QUIET_MS): Promise<boolean> {
    const socket = this.isOpen && this.#socket ? this.#socket : this.#connect();
    this.#socket = socket;
    return new Promise((resolve) => {
      let reply: Buffer = Buffer.alloc(0);
      const settle = (stays: boolean) => {
        clearTimeout(quiet);
        socket.removeListener("data", onData).removeListener("close", onClose);
        if (!stays) this.end();
        resolve(reply.length > 0);
      };
      const onData = (data: Buffer) => {
        reply = reply.length === 0 ? data : Buffer.concat([reply, data]);
        if (isWhole(reply)) return settle(true);
        clearTimeout(quiet);
        quiet = setTimeout(() => settle(false), QUIET_MS);
      };
      const onClose = () => settle(false);
      let quiet = setTimeout(() => settle(false), firstMs);
      socket.on("data", onData).once("close", onClose);
      socket.write(sent);
    });
  }

  end(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}

function isWholeHttp1(reply: Buffer): boolean {
  const end = reply.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = reply.toString("latin1", 0, end).toLowerCase();
  const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
  if (length !== undefined) return reply.length >= end + 4 + Number(length);
  return reply.subarray(-5).toString("latin1") === "0\r\n\r\n";
}

/** How many streams behind one have got headers, or were reset. */
function answeredStreams(reply: Buffer, after: number): number {
  const streams = new Set<number>();
  for (let at = 0; at + 9 <= reply.length; at += 9 + reply.readUIntBE(at, 3)) {
    const [type, stream] = [reply[at + 3], reply.readUInt32BE(at + 5) & 0x7fffffff];
    if ((type === 1 || type === 3) && stream > after) streams.add(stream);
  }
  return streams.size;
}
