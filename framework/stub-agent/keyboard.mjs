import { createKeyDecoder } from "./keys.mjs";

// A sequence comes in one piece; an Escape that is alone for so long is a key that was pressed.
const LONE_ESCAPE_MS = 50;

/** Listens to the terminal until it closes, which ends the program.
 *  @param {(key: import("./keys.mjs").Key) => void} press called for each key and each whole paste
 *  @param {() => void} afterwards called once after each batch of them */
export function listenToKeys(press, afterwards) {
  const keys = createKeyDecoder();
  /** @type {NodeJS.Timeout | undefined} */
  let loneEscape;
  process.stdin.on("data", (bytes) => {
    clearTimeout(loneEscape);
    for (const key of keys.decode(bytes)) press(key);
    if (keys.isHolding()) loneEscape = setTimeout(keys.flush, LONE_ESCAPE_MS);
    afterwards();
  });
  process.stdin.on("end", () => process.exit(0));
  process.stdin.on("error", () => process.exit(0));
}
