/** A prompt as it is compared with what an agent says it took. Runtimes trim what is around a text, one adds a blank at the end of
 *  a long paste, two (pi, claude) make four blanks of a tab, and one (claude) puts letters and their accents together (all
 *  measured); nothing else inside changes. */
export function canonicalPrompt(text: string): string {
  return text.replace(/\r\n?/g, "\n").replaceAll("\t", "    ").normalize("NFC").trim();
}
