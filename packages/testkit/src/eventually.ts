/** Waits until `check` returns something other than undefined or false, looking again every 5 ms of real time.
 *  @param what names the condition in the error
 *  @throws Error when it does not hold within `timeoutMs` (default 10 s: generous, so that a loaded machine is no failure) */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
  timeoutMs = 10_000,
): Promise<Exclude<T, undefined | false>> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    if (performance.now() > endMs) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
