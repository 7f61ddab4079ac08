/** The update that ends a message of the storing process. */
export const LAST_STEP = 3;

/** The text of a message of the storing process: some are long, and each tells whose it is. */
export function textOf(messageId: string): string {
  const number = Number(messageId.split("-").at(-1));
  return `${messageId} `.repeat(1 + (number % 7 === 0 ? 3000 : number % 50));
}
