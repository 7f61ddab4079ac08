/** 64-bit FNV-1a of the UTF-8 bytes of a text (http://www.isthe.com/chongo/tech/comp/fnv/), as an unsigned bigint.
 *  In two 32-bit halves, because one multiplication per byte in bigint would cost more than the delta it guards. */
export function fnv1a64(text: string): bigint {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  // Nearly all are plain ASCII, whose bytes are their characters; to encode a short text costs more than to add it up.
  const bytes = isAscii(text) ? undefined : encoder.encode(text);
  const { length } = bytes ?? text;
  for (let index = 0; index < length; index += 1) {
    low = (low ^ (bytes ? (bytes[index] as number) : text.charCodeAt(index))) >>> 0;
    // times 2^40 + 0x1b3, modulo 2^64
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x1_0000_0000) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

/** What one row adds to the digest of a view (see `Bookmark.digest` in watch.proto). */
export function rowDigest(rowKey: string, rev: bigint): bigint {
  return fnv1a64(`${rowKey}@${rev}`);
}

/** Adds to or takes from an order-free sum modulo 2^64. */
export function addToDigest(sum: bigint, term: bigint): bigint {
  return BigInt.asUintN(64, sum + term);
}

const encoder = new TextEncoder();
