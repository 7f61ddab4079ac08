/** Joins jobs with the signals that tell how they ended. */
export interface JobWaits {
  /** Starts a job and resolves to its result (`done`, `failed`, …) when it has ended.
   *  @param start asks systemd, and resolves to the job's object path
   *  @throws what `start` throws, and what `giveUp` was told */
  run(start: () => Promise<string>): Promise<string>;
  onRemoved(job: string, result: string): void;
  /** Ends all waits, also those to come: nobody will tell any more. */
  giveUp(error: Error): void;
}

/** Makes an empty set of waits. One that systemd never answers waits for ever: race it against a deadline. */
export function createJobWaits(): JobWaits {
  const waiting = new Map<string, PromiseWithResolvers<string>>();
  // A job may end before its path was told to whoever asked for it: both messages are often in one chunk.
  const early = new Map<string, string>();
  let starting = 0;
  let end: Error | undefined;
  return {
    async run(start) {
      starting += 1;
      try {
        const job = await start();
        const result = early.get(job);
        if (result !== undefined) return result;
        if (end !== undefined) throw end;
        // Two who ask for the same at once get the same job.
        const wait = waiting.get(job) ?? Promise.withResolvers<string>();
        waiting.set(job, wait);
        // Not awaited here: it is known from this step of work on, and so no end falls between.
        return wait.promise;
      } finally {
        starting -= 1;
        if (starting === 0) early.clear();
      }
    },
    onRemoved(job, result) {
      if (starting > 0) early.set(job, result);
      waiting.get(job)?.resolve(result);
      waiting.delete(job);
    },
    giveUp(error) {
      end = error;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    },
  };
}
