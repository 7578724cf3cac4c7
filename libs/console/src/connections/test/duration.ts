const UNITS = [
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** How long something took: `340 ms`, `2.4 s`. */
export function measured(ms: number): string {
  return ms < 1_000 ? `${String(Math.round(ms))} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** How long to wait, rounded up: `30 seconds`, `2 minutes`. */
export function wait(ms: number): string {
  const [name, size] = UNITS.find(([, unit]) => ms >= unit) ?? UNITS[2];
  const count = Math.max(1, Math.ceil(ms / size));
  return `${String(count)} ${name}${count === 1 ? '' : 's'}`;
}
