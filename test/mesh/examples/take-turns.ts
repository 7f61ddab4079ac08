/** Lets work of one name be done one after the other, in the order in which it was asked for. */
export function takeTurns(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const mine = (last.get(name) ?? Promise.resolve()).then(work, work);
    // Who waits behind it goes on whatever becomes of it; who asked for it hears of it.
    last.set(
      name,
      mine.catch(() => {}),
    );
    return mine;
  };
}
