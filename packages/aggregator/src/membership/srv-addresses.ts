import { type Clock, type Log, MosaicError } from "@mosaic/core";
import { type Endpoint, parseEndpoint } from "@mosaic/rpc";
import type { FoundAddress } from "./join-members.ts";
import { withinTime } from "./within-time.ts";

/** One SRV record with an address of its target. */
export interface SrvAnswer {
  /** The target's name, for example `alpha.example.org`. */
  readonly target: string;
  /** One address of it. */
  readonly address: string;
  readonly port: number;
}

/** Looks a service up in DNS. @throws Error when nobody answers, or when there is no such name */
export type SrvLookup = (service: string, signal: AbortSignal) => Promise<readonly SrvAnswer[]>;

export interface SrvAddressesDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly lookUp: SrvLookup;
}

/** How often the service is looked up, in ms, give or take a fifth. */
const LOOK_UP_MS = 30_000;
/** How long one look-up may take, in ms. */
const LOOK_UP_TIMEOUT_MS = 10_000;

/** Addresses of hosts out of DNS. Whatever DNS says or fails to say, an address that was found once stays until another answer
 *  takes its place: a name server in trouble moves no host. */
export class SrvAddresses implements AsyncDisposable {
  readonly #deps: SrvAddressesDeps;
  readonly #service: string;
  readonly #onChange: () => void;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  #found: readonly FoundAddress[] = [];
  #problem: string | undefined;

  /** @param service for example `_mosaic-node._tcp.example.org` */
  constructor(deps: SrvAddressesDeps, service: string, onChange: () => void) {
    this.#deps = deps;
    this.#service = service;
    this.#onChange = onChange;
    this.#loop = this.#follow();
  }

  get found(): readonly FoundAddress[] {
    return this.#found;
  }

  /** What is wrong with the last answer, for people; undefined: nothing. */
  get problem(): string | undefined {
    return this.#problem;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #follow(): Promise<void> {
    const { clock, random } = this.#deps;
    while (!this.#stop.signal.aborted) {
      await this.#lookUp();
      await clock.sleep(LOOK_UP_MS * (0.8 + 0.4 * random()), this.#stop.signal);
    }
  }

  async #lookUp(): Promise<void> {
    try {
      const limit = { timeoutMs: LOOK_UP_TIMEOUT_MS, what: "no name server answered" };
      const answers = await withinTime(this.#deps.clock, limit, this.#stop.signal, (signal) =>
        this.#deps.lookUp(this.#service, signal),
      );
      // No record at all is what a zone in the middle of a change says: as little a reason to forget as no answer.
      if (answers.length === 0) throw new Error("the name has no SRV records");
      const { found, refused } = toFound(answers);
      this.#settle(found, refused.length === 0 ? undefined : `not used: ${refused.join("; ")}`);
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      this.#settle(this.#found, `${MosaicError.from(thrown).message}; the last answer stays in force`);
    }
  }

  #settle(found: readonly FoundAddress[], problem: string | undefined): void {
    const before = JSON.stringify([this.#found, this.#problem]);
    this.#found = found;
    this.#problem = problem && `${this.#service}: ${problem}`;
    if (JSON.stringify([this.#found, this.#problem]) === before) return;
    if (this.#problem) this.#deps.log.warn({ error: this.#problem }, "discovery by DNS failed");
    this.#onChange();
  }
}

function toFound(answers: readonly SrvAnswer[]): { found: FoundAddress[]; refused: string[] } {
  const found: FoundAddress[] = [];
  const refused: string[] = [];
  for (const { target, address, port } of answers) {
    try {
      found.push({ source: "dns-srv", hostName: target, endpoint: endpointAt(address, port) });
    } catch (thrown) {
      refused.push(`${target}: ${MosaicError.from(thrown).message}`);
    }
  }
  return { found, refused };
}

function endpointAt(address: string, port: number): Endpoint {
  return parseEndpoint(`${address.includes(":") ? `[${address}]` : address}:${port}`);
}
