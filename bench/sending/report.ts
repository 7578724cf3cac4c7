import { markdown } from '../support/markdown.ts';
import { median } from '../support/median.ts';
import { type BatchResult, batchTable } from './batches.ts';
import type { Part, Plan } from './plan.ts';
import { type SideOutcome, SIDES } from './side.ts';

/** The measurements of a part of the plan. */
export interface Result extends Part {
  /** Those with the same number of the run were taken shortly after each other. */
  readonly measurements: readonly (SideOutcome & { readonly run: number })[];
}

export interface Report {
  readonly plan: Plan;
  readonly results: readonly Result[];
  readonly batches: readonly BatchResult[];
  readonly environment: readonly string[];
  readonly minutes: number;
}

export const TITLE = 'Sending';
const BASELINE = 'pool';
const MIB = 2 ** 20;
const HEADER = [
  'Side',
  'Emails/s',
  '× pool',
  'p50 ms',
  'p99 ms',
  'CPU µs',
  'Database CPU µs',
  'MiB after 10 %',
  'Peak MiB',
];

/** The results of a part for the terminal. */
export function summary(result: Result): string {
  return `${loadOf(result)}\n\n${tableOf(result)}`;
}

/** The results of a plan as Markdown, without its title. */
export function report({ plan, results, batches, environment, minutes }: Report): string {
  return [
    `Written by \`npm run bench:sending -- --${plan.name}\` in ${minutes.toFixed(0)} minutes.`,
    environment.map((line) => `- ${line}`).join('\n'),
    'All sides send the same emails (text and HTML, 2 KB together) to one mail server on the same machine, which offers PIPELINING and accepts everything. Each caller sends its next email when it has the result of the last one. Each run starts with a new process and a new database on the disk, in which a commit is on the disk before it is acknowledged; the module and the API store the event `sent` before they return. After each run, the mail server has received each email once, and the database has its event. The sides take turns. All figures are medians of the runs; a ratio is the median of the ratios of each run. CPU is the processor time of the side per email. Memory is the peak of the side’s process.',
    '## Sides of sending',
    [...SIDES].map(([name, title]) => `- \`${name}\`: ${title}`).join('\n'),
    ...results.flatMap((result) => [`## ${loadOf(result)}`, tableOf(result)]),
    '## Batches',
    `The same email to ${plan.batches.emails.toLocaleString('en')} recipients through the module, to the sandbox of each vendor on the same machine: \`send\` with 16 callers, which makes a request for each email, against \`sendBatch\`. The sandboxes check and keep each email, which takes more time than a vendor’s network does here.`,
    batchTable(batches),
  ].join('\n\n');
}

function loadOf({ sockets, callers, emails, runs }: Result): string {
  const many = sockets === 1 ? '1 socket' : `${String(sockets)} sockets`;
  return `${many}, ${String(callers)} callers, ${emails.toLocaleString('en')} emails, ${runs === 1 ? 'once' : `median of ${String(runs)}`}`;
}

function tableOf({ sides, measurements }: Result): string {
  const baseline = new Map(ofSide(BASELINE, measurements).map(({ run, emailsPerSecond }) => [run, emailsPerSecond]));
  const rows = sides.map((side) => {
    const own = ofSide(side, measurements);
    const ratios = own.flatMap(({ run, emailsPerSecond }) => {
      const base = baseline.get(run);
      return base === undefined ? [] : [emailsPerSecond / base];
    });
    return [
      side,
      middle(own, ({ emailsPerSecond }) => emailsPerSecond),
      ratios.length === 0 ? '' : median(ratios).toFixed(2),
      middle(own, ({ p50 }) => p50, 1),
      middle(own, ({ p99 }) => p99, 1),
      middle(own, ({ processorMicros }) => processorMicros),
      middle(own, ({ databaseMicros }) => databaseMicros),
      middle(own, ({ peaks: [first = 0] }) => first / MIB),
      middle(own, ({ peaks }) => (peaks.at(-1) ?? 0) / MIB),
    ];
  });
  return markdown([HEADER, ...rows]);
}

type Measurement = Result['measurements'][number];

function ofSide(side: string, measurements: readonly Measurement[]): Measurement[] {
  return measurements.filter((measurement) => measurement.side === side);
}

function middle(measurements: readonly Measurement[], value: (of: Measurement) => number, digits = 0): string {
  return median(measurements.map(value)).toFixed(digits);
}
