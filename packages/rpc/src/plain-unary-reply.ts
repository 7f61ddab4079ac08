/** How a reply's body ends. */
type Framing =
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "until-close" };

/** Reads one HTTP/1.1 reply from the pieces it arrives in. `push` and the getters throw plain Errors for what is no such
 *  reply, or is larger than allowed. */
export class HttpReplyReader {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #received = 0;
  #head: { status: number; headers: ReadonlyMap<string, string>; framing: Framing } | undefined;
  #chunks = new ChunkedBody();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes the next piece. @returns true when the reply is whole. */
  push(piece: Buffer): boolean {
    this.#received += piece.length;
    if (this.#received > this.#maxBytes) throw this.#tooLarge();
    if (this.#head) return this.#pushBody(piece);
    this.#pieces.push(piece);
    const text = Buffer.concat(this.#pieces);
    if (!looksLikeHttp(text)) throw new Error("the reply is not HTTP/1.1");
    const end = text.indexOf("\r\n\r\n");
    if (end < 0 && text.length > MAX_HEAD_BYTES) throw new Error("the reply's header is endless");
    if (end < 0) return false;
    this.#pieces = [];
    this.#received = text.length - end - 4;
    const head = parseHead(text.subarray(0, end).toString("latin1"));
    // 1xx replies announce the real one.
    if (head.status < 200) return this.push(text.subarray(end + 4));
    if (head.framing.kind === "length" && head.framing.bytes > this.#maxBytes) throw this.#tooLarge();
    this.#head = head;
    return this.#pushBody(text.subarray(end + 4));
  }

  /** Says that no more will come. @returns true when the reply is whole. */
  end(): boolean {
    return this.#head?.framing.kind === "until-close";
  }

  get status(): number {
    return this.#head?.status ?? 0;
  }

  /** In lower case; empty when not given. */
  get contentType(): string {
    return this.#head?.headers.get("content-type")?.toLowerCase() ?? "";
  }

  /** The body as UTF-8 text. */
  readonly body = (): string => {
    const bytes = Buffer.concat(this.#pieces);
    const { framing } = this.#head ?? {};
    return (framing?.kind === "length" ? bytes.subarray(0, framing.bytes) : bytes).toString("utf8");
  };

  #tooLarge(): Error {
    return new Error(`the reply is larger than ${this.#maxBytes} bytes`);
  }

  #pushBody(piece: Buffer): boolean {
    const framing = this.#head?.framing;
    if (framing?.kind === "chunked") return this.#chunks.push(piece, this.#pieces);
    this.#pieces.push(piece);
    return framing?.kind === "length" && this.#received >= framing.bytes;
  }
}

/** Undoes chunked transfer coding (RFC 9112, 7.1), whatever the borders of the pieces. */
class ChunkedBody {
  #line = "";
  #state: "size" | "data" | "data-end" | "trailer" = "size";
  #wanted = 0;

  /** Appends data to `into`. @returns true after the last chunk and its trailers. */
  push(piece: Buffer, into: Buffer[]): boolean {
    for (let at = 0; at < piece.length; ) {
      if (this.#state === "data") {
        const data = piece.subarray(at, at + this.#wanted);
        into.push(data);
        at += data.length;
        this.#wanted -= data.length;
        if (this.#wanted === 0) this.#state = "data-end";
        continue;
      }
      const newline = piece.indexOf(10, at);
      this.#line += piece.toString("latin1", at, newline < 0 ? piece.length : newline);
      if (this.#line.length > MAX_LINE_BYTES) throw new Error("the reply's chunks are malformed");
      if (newline < 0) return false;
      at = newline + 1;
      if (this.#takeLine()) return true;
    }
    return false;
  }

  #takeLine(): boolean {
    const line = this.#line.replace(/\r$/, "");
    this.#line = "";
    if (this.#state === "trailer") return line === "";
    if (this.#state === "data-end") {
      if (line !== "") throw new Error("the reply's chunks are malformed");
      this.#state = "size";
      return false;
    }
    const digits = /^([0-9a-f]{1,8})[ \t]*(;.*)?$/i.exec(line)?.[1];
    if (digits === undefined) throw new Error("the reply's chunks are malformed");
    this.#wanted = Number.parseInt(digits, 16);
    this.#state = this.#wanted === 0 ? "trailer" : "data";
    return false;
  }
}

function looksLikeHttp(text: Buffer): boolean {
  const start = "HTTP/1.";
  return text.toString("latin1", 0, start.length) === start.slice(0, text.length);
}

function parseHead(text: string): { status: number; headers: ReadonlyMap<string, string>; framing: Framing } {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1]);
  if (!Number.isInteger(status)) throw new Error("the reply is not HTTP/1.1");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { status, headers, framing: framingOf(status, headers) };
}

function framingOf(status: number, headers: ReadonlyMap<string, string>): Framing {
  if (status === 204 || status === 304) return { kind: "length", bytes: 0 };
  const coding = headers.get("transfer-encoding")?.toLowerCase();
  if (coding === "chunked") return { kind: "chunked" };
  if (coding !== undefined) throw new Error(`the reply comes in a coding that was not asked for: ${coding.slice(0, 40)}`);
  const length = headers.get("content-length");
  if (length === undefined) return { kind: "until-close" };
  if (!/^\d{1,15}$/.test(length)) throw new Error("the reply's length is malformed");
  return { kind: "length", bytes: Number(length) };
}

const MAX_HEAD_BYTES = 64 * 1024;
const MAX_LINE_BYTES = 4096;
