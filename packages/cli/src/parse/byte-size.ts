import { MosaicError } from "@mosaic/core/light";

/** Parses `1500`, `64kB`, `500MB` or `1.5GB`, in decimal units, to whole bytes.
 *  @param what names the value in the error, for example `--max-bytes`
 *  @throws MosaicError USAGE */
export function parseByteSize(text: string, what: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?(k|m|g|t)?b?$/i.exec(text);
  const bytes = match ? Math.round(Number(match[1]) * (UNITS[(match[2] ?? "").toLowerCase()] ?? 1)) : Number.NaN;
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new MosaicError("USAGE", `${what}: not a number of bytes: ${JSON.stringify(text.slice(0, 80))}`, {
    hint: "write 1500, 64kB, 500MB or 2GB",
  });
}

const UNITS: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
