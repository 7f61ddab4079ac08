/** 64-bit FNV-1a of the UTF-8 bytes of a text (http://www.isthe.com/chongo/tech/comp/fnv/), as an unsigned bigint.
 *  In two 32-bit halves, because one multiplication per byte in bigint would cost more than the delta it guards. */
export function fnv1a64(text: string): bigint {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of encoder.encode(text)) {
    low = (low ^ byte) >>> 0;
    // times 2^40 + 0x1b3, modulo 2^64
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x1_0000_0000) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return (BigInt(high) << 32n) | BigInt(low);
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
