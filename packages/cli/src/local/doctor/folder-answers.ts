import { stat } from "node:fs/promises";

/** What answers in less is slow, and not gone; in ms. */
const PATIENCE_MS = 3000;

/** Whether the disk of a folder answers at all, be it that there is no such folder. What a network that hangs was asked holds one of
 *  Node's threads until it is answered, so that nothing else should be asked of it afterwards. */
export async function folderAnswers(
  folder: string,
  {
    ask = stat,
    patienceMs = PATIENCE_MS,
  }: { readonly ask?: (folder: string) => Promise<unknown>; readonly patienceMs?: number } = {},
): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), patienceMs);
  const answered = ask(folder).then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}
