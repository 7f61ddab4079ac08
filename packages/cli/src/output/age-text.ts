/** A length of time for people, in its largest unit, rounded down: `0s`, `41s`, `14m`, `3h`, `12d`. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** A wait for people, rounded up, so that it never says 0 for something still to come: `1s`, `22s`, `2m`. */
export function waitText(ms: number): string {
  return ageText(ms < 60_000 ? Math.ceil(ms / 1000) * 1000 : ms);
}
