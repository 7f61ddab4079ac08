/** Who wants to hear of something. */
export class Listeners<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly #onError: (thrown: unknown) => void;

  /** @param onError hears what a listener throws; the others are told all the same. Default: nobody does. */
  constructor(onError: (thrown: unknown) => void = () => {}) {
    this.#onError = onError;
  }

  get size(): number {
    return this.#listeners.size;
  }

  /** Disposing takes the listener away. The same one may be there twice. */
  add(listener: (value: T) => void): Disposable {
    const own = (value: T) => listener(value);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  tell(value: T): void {
    for (const listener of this.#listeners) {
      try {
        listener(value);
      } catch (thrown) {
        this.#onError(thrown);
      }
    }
  }
}
