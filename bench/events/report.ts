import type { Load, Measurement } from './measurement.ts';

const BASELINE = 'floor';
const MIB = 2 ** 20;
const HEADER = ['side', 'events/s', '× floor', 'requests/s', 'p50 ms', 'p99 ms', 'peak MiB', 'bytes/event', 'failed'];

/** The medians of each side, and the median of its ratios to the floor of the same run, as a Markdown table. */
export function table(measurements: readonly Measurement[]): string {
  const rows = sidesOf(measurements).map((side) => {
    const own = of(side, measurements);
    const middle = (value: (measurement: Measurement) => number, digits = 0): string =>
      median(own.map(value)).toFixed(digits);
    return [
      side,
      middle(({ eventsPerSecond }) => eventsPerSecond),
      ratio(own, of(BASELINE, measurements)),
      middle(({ requestsPerSecond }) => requestsPerSecond, 1),
      middle(({ p50 }) => p50, 1),
      middle(({ p99 }) => p99, 1),
      middle(({ peakMemory }) => peakMemory / MIB),
      middle(({ bytesPerEvent }) => bytesPerEvent.total),
      failures(own),
    ];
  });
  return markdown([HEADER, ...rows]);
}

/** The table of a load, and where the bytes of an event are. */
export function summary({ eventsPerPost, inFlight }: Load, measurements: readonly Measurement[]): string {
  const runs = of(sidesOf(measurements)[0] ?? '', measurements).length;
  const bytes = sidesOf(measurements).map((side) => `${side}: ${storedBytes(of(side, measurements))}`);
  return `Posts of ${String(eventsPerPost)}, ${String(inFlight)} in flight, median of ${String(runs)}\n\n${table(measurements)}\n\nBytes per event\n${bytes.join('\n')}`;
}

/** Of the median run by total. */
export function storedBytes(measurements: readonly Measurement[]): string {
  const sorted = measurements.map(({ bytesPerEvent }) => bytesPerEvent).toSorted((a, b) => a.total - b.total);
  const { total, bodies, parts } = sorted[Math.floor(sorted.length / 2)] ?? { total: 0, bodies: 0, parts: [] };
  const list = parts.map(({ name, bytes }) => `${name} ${bytes.toFixed(0)}`).join(', ');
  return `${total.toFixed(0)} in files; rows and indexes ${(total - bodies).toFixed(0)}, bodies ${bodies.toFixed(0)}; pages: ${list}`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1] ?? 0, sorted[middle] ?? 0];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

export function markdown([header = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const widths = header.map((name, column) => Math.max(3, ...[header, ...rows].map((row) => row[column]?.length ?? 0)));
  const padded = (cells: readonly string[]): string[] =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)));
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(padded(header)), line(rule), ...rows.map((row) => line(padded(row)))].join('\n');
}

function sidesOf(measurements: readonly Measurement[]): string[] {
  return [...new Set(measurements.map(({ side }) => side))];
}

function of(side: string, measurements: readonly Measurement[]): Measurement[] {
  return measurements.filter((measurement) => measurement.side === side);
}

/** The measurements of both are in the order of the runs. */
function ratio(own: readonly Measurement[], baseline: readonly Measurement[]): string {
  if (baseline.length !== own.length) return '';
  return median(
    own.map(({ eventsPerSecond }, run) => eventsPerSecond / (baseline[run]?.eventsPerSecond ?? Number.NaN)),
  ).toFixed(2);
}

function failures(measurements: readonly Measurement[]): string {
  const counts = new Map<string, number>();
  for (const measurement of measurements) {
    for (const [status, count] of Object.entries(measurement.failures)) {
      counts.set(status, (counts.get(status) ?? 0) + count);
    }
  }
  return [...counts].map(([status, count]) => `${String(count)} × ${status}`).join(', ') || '0';
}
