// Measures how fast webhook requests are stored, by this service and by others, on the same machine and in turns.
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DatabaseKind } from './database.ts';
import { type LoadOptions, sendgridLoad, SigningKey } from './load.ts';
import { type Durations, type Load, measureSide, type Measurement } from './measurement.ts';
import { summary } from './report.ts';
import { createEmpty, type Side, SIDES, Template } from './side.ts';

const USAGE = `Usage: npm run bench:events -- --only <events>x<in flight>[,…] [--sides service,floor,careful] [--runs 3] [--seconds 5]`;
const WARM_UP_SECONDS = 2;
/** More than any side reaches here; a faster one ends its measurement early. */
const MOST_PER_SECOND = { posts: 10_000, events: 50_000 };
const TMPFS = 0x01_02_19_94;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    sides: { type: 'string', default: 'service,floor,careful' },
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string', default: tmpdir() },
  },
});

const key = new SigningKey();
const folder = mkdtempSync(join(values.folder, 'bench-events-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

if (statfsSync(folder).type === TMPFS) {
  throw new Error(`${folder} is in memory, where a commit takes no time. Use --folder with a folder on a disk.`);
}
if (values.only === undefined) throw new Error(USAGE);
await compare(values.only.split(',').map(parsedLoad), values.sides.split(',').map(parsedSide));

async function compare(loads: readonly Load[], sides: readonly Side[]): Promise<void> {
  const durations = { warmUpSeconds: WARM_UP_SECONDS, seconds: Number(values.seconds) };
  const templates = await createTemplates(sides);
  for (const load of loads) {
    const measurements = await measureInTurns(templates, load, durations, Number(values.runs));
    process.stdout.write(`\n${summary(load, measurements)}\n`);
  }
}

async function createTemplates(sides: readonly Side[]): Promise<Template[]> {
  const empty = new Map<DatabaseKind, string>();
  const templates: Template[] = [];
  for (const side of sides) {
    const from = empty.get(side.database) ?? (await createEmpty(side.database, join(folder, side.database)));
    empty.set(side.database, from);
    templates.push(await Template.create(side, key, from, join(folder, side.name)));
  }
  return templates;
}

/** Every second run is in the opposite order, so that a machine that becomes slower harms all sides alike. */
async function measureInTurns(
  templates: readonly Template[],
  load: Load,
  durations: Durations,
  runs: number,
): Promise<Measurement[]> {
  const connectionId = templates.find(({ webhook }) => webhook.connectionId !== undefined)?.webhook.connectionId;
  const posts = sendgridLoad({ ...sizeOf(load, durations), seed: Number(values.seed), connectionId }, key);
  const measurements: Measurement[] = [];
  for (let run = 0; run < runs; run++) {
    for (const template of run % 2 === 0 ? templates : templates.toReversed()) {
      measurements.push(await measureSide(template, posts, load, durations));
      process.stdout.write('.');
    }
  }
  return measurements;
}

function sizeOf(
  { eventsPerPost }: Load,
  { warmUpSeconds, seconds }: Durations,
): Pick<LoadOptions, 'posts' | 'eventsPerPost'> {
  const perSecond = Math.min(MOST_PER_SECOND.posts, MOST_PER_SECOND.events / eventsPerPost);
  return { eventsPerPost, posts: Math.ceil(perSecond * (warmUpSeconds + seconds)) };
}

function parsedLoad(text: string): Load {
  const [eventsPerPost, inFlight] = (/^(\d+)x(\d+)$/.exec(text)?.slice(1) ?? []).map(Number);
  if (!eventsPerPost || !inFlight) throw new Error(USAGE);
  return { eventsPerPost, inFlight };
}

function parsedSide(name: string): Side {
  const side = SIDES.get(name);
  if (side === undefined) throw new Error(`Unknown side ${name}. Sides: ${[...SIDES.keys()].join(', ')}`);
  return side;
}
