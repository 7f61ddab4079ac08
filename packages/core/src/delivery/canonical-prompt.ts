/** A prompt as it is compared with what an agent says it took. Runtimes trim what is around a text, and one adds a blank at the
 *  end of a long paste (measured); nothing inside changes. */
export function canonicalPrompt(text: string): string {
  return text.replace(/\r\n?/g, "\n").trim();
}
