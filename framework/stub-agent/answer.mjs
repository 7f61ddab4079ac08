import { createHash } from "node:crypto";
import { printable } from "./cells.mjs";

/** Answers as the stub does: with proof of what it read. @param {string} text @returns {string} one line */
export function answerTo(text) {
  return `you said: ${shortened(text, 60)} (${Buffer.byteLength(text)} bytes, sha256 ${sha256(text).slice(0, 12)})`;
}

/** Shows the beginning of a text on one line. @param {string} text @param {number} characters @returns {string} */
export function shortened(text, characters) {
  return printable([...text.slice(0, 2 * characters)].slice(0, characters).join(""));
}

/** @param {string} text @returns {string} of its UTF-8 bytes, in lower-case hex */
export function sha256(text) {
  return createHash("sha256").update(text).digest("hex");
}
