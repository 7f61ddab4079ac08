/** What one `%output` line of a control client says. */
export interface PaneOutput {
  readonly paneId: string;
  readonly bytes: Uint8Array;
}

/** Reads `%output %1 <data>`, or `%extended-output %1 <age> … : <data>` as it is called with `pause-after`, without its line
 *  break. In the data, bytes below a blank and the backslash are written as three octal digits after a backslash; all other
 *  bytes stand for themselves, valid UTF-8 or not.
 *  @returns undefined when the line says something else */
export function parsePaneOutput(line: Uint8Array): PaneOutput | undefined {
  const nameEnd = line.indexOf(BLANK);
  const paneEnd = line.indexOf(BLANK, nameEnd + 1);
  if (nameEnd === -1 || paneEnd === -1) return undefined;
  const isExtended = nameEnd === EXTENDED_NAME_LENGTH;
  const colon = isExtended ? line.indexOf(COLON, paneEnd) : paneEnd;
  // After the colon comes one blank; without the extension the blank before the data is `paneEnd` itself.
  const dataStart = isExtended ? colon + 2 : paneEnd + 1;
  const paneId = String.fromCharCode(...line.subarray(nameEnd + 1, paneEnd));
  if (colon === -1 || !/^%\d{1,10}$/.test(paneId)) return undefined;
  return { paneId, bytes: unescapeOctal(line.subarray(dataStart)) };
}

const BLANK = 0x20;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const EXTENDED_NAME_LENGTH = "%extended-output".length;

/** Turns `\ooo` back into bytes. A backslash that no three octal digits follow stays as it is.
 *  @returns a copy, also when there is nothing to turn */
export function unescapeOctal(escaped: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(escaped.length);
  let length = 0;
  for (let at = 0; at < escaped.length; length++) {
    const code = escaped[at] === BACKSLASH ? octalAt(escaped, at + 1) : undefined;
    bytes[length] = code ?? escaped[at] ?? 0;
    at += code === undefined ? 1 : 4;
  }
  return bytes.subarray(0, length);
}

function octalAt(bytes: Uint8Array, at: number): number | undefined {
  let value = 0;
  for (let index = at; index < at + 3; index++) {
    const digit = (bytes[index] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) return undefined;
    value = value * 8 + digit;
  }
  return value > 0xff ? undefined : value;
}
