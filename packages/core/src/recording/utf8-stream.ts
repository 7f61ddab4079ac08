/** UTF-8 that comes in pieces cut anywhere. */
export interface Utf8Stream {
  /** The text of these bytes, and of what the last ones had begun. Bytes that are no UTF-8 become U+FFFD. */
  push(bytes: Uint8Array): string;
  /** What a character that was begun and never ended becomes; starts over. */
  end(): string;
}

/** Decodes pieces as if they were one. */
export function createUtf8Stream(): Utf8Stream {
  // A byte order mark is a character like others: it was printed.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    push: (bytes) => decoder.decode(bytes, { stream: true }),
    end: () => decoder.decode(),
  };
}
