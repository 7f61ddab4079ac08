import type { ContractCase, ContractContext } from "./contract-case.ts";

/** Names of cases that are known to fail, by arrangement. The lists may only shrink. */
export type ExpectedFailures = Readonly<Record<string, readonly string[]>>;

/** Runs a case, and turns the verdict round for one that is expected to fail.
 *  @throws what the case throws; or, for an expected failure that passes, an Error that asks to take it off the list */
export async function runExpecting(oneCase: ContractCase, context: ContractContext, isExpectedToFail: boolean): Promise<void> {
  if (!isExpectedToFail) return oneCase.run(context);
  const failure = await oneCase.run(context).then(
    () => undefined,
    (thrown: unknown) => thrown ?? new Error("failed"),
  );
  if (failure === undefined) throw new Error(`"${oneCase.name}" passes now: take it off the list of expected failures`);
}

/** Refuses a list that names arrangements or cases that are not there: a gap must not outlive its case.
 *  @throws Error naming the entry */
export function assertListed(expected: ExpectedFailures, arrangements: readonly string[], cases: readonly ContractCase[]): void {
  const names = new Set(cases.map((oneCase) => oneCase.name));
  for (const [arrangement, failures] of Object.entries(expected)) {
    if (!arrangements.includes(arrangement)) throw new Error(`expected failures name an unknown arrangement: "${arrangement}"`);
    const stranger = failures.find((name) => !names.has(name));
    if (stranger !== undefined) throw new Error(`expected failures of "${arrangement}" name an unknown case: "${stranger}"`);
  }
}
