/** A number of bytes for people, in decimal units and two or three digits: `0 B`, `999 B`, `1.2 kB`, `34 MB`. */
export function sizeText(bytes: number): string {
  let value = bytes;
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (value < 999.5) return `${value < 9.95 && unit !== "B" ? value.toFixed(1) : Math.round(value)} ${unit}`;
    value /= 1000;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} TB`;
}
