import type { DescMessage, DescMethodServerStreaming, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { CallOptions, StreamResponse, Transport } from "@connectrpc/connect";

/** Calls a method that answers with a stream. As the library's client does it, less the generators between the transport and who
 *  reads: they are a third of what a message costs, and are kept for each stream (docs/adr/0027).
 *  @returns messages to read once; leaving them does not end the call, only `options.signal` does */
export function streamOf<I extends DescMessage, O extends DescMessage>(
  transport: Transport,
  method: DescMethodServerStreaming<I, O>,
): (input: MessageInitShape<I>, options?: CallOptions) => AsyncIterable<MessageShape<O>> {
  return (input, options = {}) => {
    const { signal, timeoutMs, headers, contextValues } = options;
    const response = transport.stream(method, signal, timeoutMs, headers, only(input), contextValues);
    // It is told to whoever reads.
    response.catch(() => {});
    const messages = new LateMessages(response, options);
    return { [Symbol.asyncIterator]: () => ({ next: () => messages.next() }) };
  };
}

/** The messages of a response that is still to come. */
class LateMessages<I extends DescMessage, O extends DescMessage> {
  readonly #response: Promise<StreamResponse<I, O>>;
  readonly #options: CallOptions;
  #messages: AsyncIterator<MessageShape<O>> | undefined;

  constructor(response: Promise<StreamResponse<I, O>>, options: CallOptions) {
    this.#response = response;
    this.#options = options;
  }

  next(): Promise<IteratorResult<MessageShape<O>>> {
    return this.#messages ? this.#messages.next() : this.#first();
  }

  async #first(): Promise<IteratorResult<MessageShape<O>>> {
    const { header, trailer, message } = await this.#response;
    this.#options.onHeader?.(header);
    const messages = message[Symbol.asyncIterator]();
    this.#messages = messages;
    if (this.#options.onTrailer) this.#messages = withTrailer(messages, () => this.#options.onTrailer?.(trailer));
    return await this.#messages.next();
  }
}

function withTrailer<T>(messages: AsyncIterator<T>, tell: () => void): AsyncIterator<T> {
  let isTold = false;
  return {
    async next() {
      const result = await messages.next();
      if (result.done && !isTold) {
        isTold = true;
        tell();
      }
      return result;
    },
  };
}

async function* only<T>(input: T): AsyncGenerator<T> {
  yield input;
}
