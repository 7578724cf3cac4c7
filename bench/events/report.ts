import { markdown } from '../support/markdown.ts';
import { median } from '../support/median.ts';
import type { Load, Measurement } from './measurement.ts';
import { FILLED, type Part, type Plan, USUAL_LEVEL, WITH_BROKER, WITHOUT_FEED } from './plan.ts';

/** The measurements of a part of the plan. */
export interface Result extends Part {
  readonly measurements: readonly Measurement[];
}

export interface Report {
  readonly plan: Plan;
  readonly results: readonly Result[];
  readonly environment: readonly string[];
  /** What each side does, by name. */
  readonly titles: ReadonlyMap<string, string>;
  readonly minutes: number;
}

export const TITLE = 'Webhook ingest';
const BASELINE = 'floor';
const MIB = 2 ** 20;
const header = (baseline = BASELINE): string[] => [
  'In flight',
  'Side',
  'Events/s',
  `× ${baseline}`,
  'Requests/s',
  'p50 ms',
  'p99 ms',
  'CPU µs',
  'Database CPU µs',
  'Peak MiB',
  'Bytes/event',
  'Failed',
];

/** The results of a part for the terminal, and where the bytes of an event are. */
export function summary(result: Result): string {
  const { vendor, eventsPerPost, runs, sides } = result;
  const bytes = sides.map((side) => `${side}: ${storedBytes(measurementsOf(side, [result]))}`);
  const baseline = sides.includes(BASELINE) ? BASELINE : sides[0];
  return `${vendor}, ${postsOf(eventsPerPost)}, median of ${String(runs)}\n\n${markdown([header(baseline), ...rowsOf([result], baseline)])}\n\nBytes per event\n${bytes.join('\n')}`;
}

/** The results of a plan as Markdown, without the title. */
export function report({ plan, results, environment, titles, minutes }: Report): string {
  const compared = results.filter(
    ({ vendor, sides }) => vendor === 'sendgrid' && !sides.some((side) => side === FILLED || side === WITHOUT_FEED),
  );
  const feed = results.filter(({ sides }) => sides.includes(WITHOUT_FEED));
  const filled = results.filter(({ sides }) => sides.includes(FILLED));
  const vendors = results.filter(({ vendor }) => vendor !== 'sendgrid');
  const sizes = [...new Set(compared.map(({ eventsPerPost }) => eventsPerPost))];
  return [
    `Written by \`npm run bench:events -- --${plan.name}\` in ${minutes.toFixed(0)} minutes.`,
    environment.map((line) => `- ${line}`).join('\n'),
    `The client, the side and its database share the machine. Each run starts with a new process and a new database on the disk: MariaDB with a buffer pool of 128 MB, where a commit is on the disk before it is acknowledged, or SQLite as the service configures it. It sends signed posts of SendGrid for ${String(plan.seconds)} s after a warm-up of ${String(plan.warmUpSeconds)} s, and then compares the number of stored events with that of the acknowledged ones. The sides take turns. All figures are medians of the runs; a ratio is the median of the ratios of each run. CPU is the processor time per event, warm-up included. Peak memory is that of the side's process since its start. Bytes per event are those of the pages that the database uses in the files of its tables.`,
    '## Sides',
    [...titles].map(([name, title]) => `- \`${name}\`: ${title}`).join('\n'),
    '## Ratios of this service',
    markdown([
      ['Posts', 'In flight', 'Events/s ÷ floor', 'Events/s ÷ careful'],
      ...compared
        .filter(({ sides }) => sides.includes('service') && sides.includes(BASELINE))
        .map((result) => [
          String(result.eventsPerPost),
          String(result.inFlight),
          ratio('service', BASELINE, [result]),
          ratio('service', 'careful', [result]),
        ]),
    ]),
    ...sizes.flatMap((size) => {
      const ofSize = compared.filter(({ eventsPerPost }) => eventsPerPost === size);
      const title = postsOf(size);
      return [`## ${title.charAt(0).toUpperCase()}${title.slice(1)}`, markdown([header(), ...rowsOf(ofSize)])];
    }),
    '## Storage',
    'Bytes per event of each table (`PRIMARY` in MariaDB) and index. Files grow by several megabytes at a time, so that they take more for each event of a short run.',
    compared
      .filter(({ inFlight }) => inFlight === USUAL_LEVEL)
      .flatMap((result) =>
        result.sides.map((side) => `- ${load(result)}, \`${side}\`: ${storedBytes(measurementsOf(side, [result]))}`),
      )
      .join('\n'),
    ...(plan.filledRows === undefined
      ? []
      : [
          `## A table with ${String(plan.filledRows / 1e6)} million events`,
          filled.length === 0
            ? 'Not measured: the benchmark has no function that fills the tables.'
            : filledTable(filled),
        ]),
    '## The feed',
    'Numbering events, counting them and looking for suppressions share the machine with the ingest, and so does RabbitMQ.',
    markdown([
      ['Posts', 'In flight', 'Events/s ÷ without', 'With RabbitMQ ÷ without'],
      ...feed.map((result) => [
        String(result.eventsPerPost),
        String(result.inFlight),
        ratio('service', WITHOUT_FEED, [result]),
        ratio(WITH_BROKER, WITHOUT_FEED, [result]) || 'not measured',
      ]),
    ]),
    '## Vendors',
    markdown([
      ['Vendor', 'Events in a post', ...header().filter((_name, index) => index === 2 || index > 3)],
      ...vendors.map((result) => {
        const [[, , events = '', , ...rest] = []] = rowsOf([result]);
        return [result.vendor, String(result.eventsPerPost), events, ...rest];
      }),
    ]),
  ].join('\n\n');
}

function filledTable(results: readonly Result[]): string {
  return markdown([
    ['Posts', 'In flight', 'Events/s, filled', 'Events/s, empty', 'Ratio', 'p99 ms, filled', 'p99 ms, empty'],
    ...results.map((result) => {
      const [filled, empty] = [measurementsOf(FILLED, [result]), measurementsOf('service', [result])];
      return [
        String(result.eventsPerPost),
        String(result.inFlight),
        middle(filled, ({ eventsPerSecond }) => eventsPerSecond),
        middle(empty, ({ eventsPerSecond }) => eventsPerSecond),
        ratio(FILLED, 'service', [result]),
        middle(filled, ({ p99 }) => p99, 1),
        middle(empty, ({ p99 }) => p99, 1),
      ];
    }),
  ]);
}

/** A row for each level and side. */
function rowsOf(results: readonly Result[], baseline = BASELINE): string[][] {
  const levels = [...new Set(results.map(({ inFlight }) => inFlight))];
  return levels.flatMap((level) => {
    const ofLevel = results.filter(({ inFlight }) => inFlight === level);
    const sides = [...new Set(ofLevel.flatMap(({ sides }) => sides))];
    return sides.map((side) => {
      const own = measurementsOf(side, ofLevel);
      return [
        String(level),
        side,
        middle(own, ({ eventsPerSecond }) => eventsPerSecond),
        ratio(side, baseline, ofLevel),
        middle(own, ({ requestsPerSecond }) => requestsPerSecond, 1),
        middle(own, ({ p50 }) => p50, 1),
        middle(own, ({ p99 }) => p99, 1),
        middle(own, ({ processorMicros }) => processorMicros.side, 1),
        middle(own, ({ processorMicros }) => processorMicros.database, 1),
        middle(own, ({ peakMemory }) => peakMemory / MIB),
        middle(own, ({ bytesPerEvent }) => bytesPerEvent.total),
        failures(own),
      ];
    });
  });
}

function measurementsOf(side: string, results: readonly Result[]): Measurement[] {
  return results.flatMap(({ measurements }) => measurements.filter((measurement) => measurement.side === side));
}

function middle(measurements: readonly Measurement[], value: (of: Measurement) => number, digits = 0): string {
  return median(measurements.map(value)).toFixed(digits);
}

/** Of the events per second in the same run; empty if the two sides were not measured in the same runs. */
function ratio(side: string, baseline: string, results: readonly Result[]): string {
  const other = new Map(measurementsOf(baseline, results).map(({ run, eventsPerSecond }) => [run, eventsPerSecond]));
  const ratios = measurementsOf(side, results).flatMap(({ run, eventsPerSecond }) => {
    const base = other.get(run);
    return base === undefined ? [] : [eventsPerSecond / base];
  });
  return ratios.length === 0 ? '' : median(ratios).toFixed(2);
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

/** Of the median run by total. */
function storedBytes(measurements: readonly Measurement[]): string {
  const sorted = measurements.map(({ bytesPerEvent }) => bytesPerEvent).toSorted((a, b) => a.total - b.total);
  const stored = sorted[Math.floor(sorted.length / 2)];
  if (stored === undefined) return '';
  const { total, inFiles, bodies, parts } = stored;
  const list = parts.map(({ name, bytes }) => `${name} ${bytes.toFixed(0)}`).join(', ');
  const split = bodies === 0 ? '' : ` (rows and indexes ${(total - bodies).toFixed(0)}, bodies ${bodies.toFixed(0)})`;
  return `${total.toFixed(0)}${split}: ${list}; ${inFiles.toFixed(0)} in files`;
}

function load({ eventsPerPost, inFlight }: Load): string {
  return `${postsOf(eventsPerPost)}, ${String(inFlight)} in flight`;
}

function postsOf(events: number): string {
  return events === 1 ? 'posts of 1 event' : `posts of ${events.toLocaleString('en')} events`;
}
