import type { Condition, HostStatus, Route } from "@mosaic/wire";

/** True when a host's status tells something that the one before did not. Ages, clocks, counts and retry times are told with
 *  each answer; only the rest is worth a change of its own. */
export function isNews(before: HostStatus | undefined, after: HostStatus): boolean {
  return before === undefined || TOLD.some((field) => before[field] !== after[field]) || areOthers(before, after);
}

const TOLD = ["state", "code", "detail", "host", "address", "version"] as const satisfies readonly (keyof HostStatus)[];

function areOthers(before: HostStatus, after: HostStatus): boolean {
  return (
    !isEach(before.via, after.via, isSame) ||
    !isEach(before.sources, after.sources, isSame) ||
    !isEach(before.conditions, after.conditions, isSameCondition) ||
    !isEach(before.routes, after.routes, isSameRoute)
  );
}

function isEach<T>(before: readonly T[], after: readonly T[], isSameItem: (before: T, after: T) => boolean): boolean {
  return before.length === after.length && before.every((item, index) => isSameItem(item, after[index] as T));
}

function isSame(before: string, after: string): boolean {
  return before === after;
}

function isSameCondition(before: Condition, after: Condition): boolean {
  return before.type === after.type && before.message === after.message;
}

function isSameRoute(before: Route, after: Route): boolean {
  return before.member === after.member && before.state === after.state && isEach(before.via, after.via, isSame);
}
