// Measures how fast webhook requests are stored, by this service and by others, on the same machine and in turns.
//
//   npm run bench:events -- --quick    less than 10 minutes (default)
//   npm run bench:events -- --full     about an hour
//   npm run bench:events -- --only 100x16,1x64 [--sides service,floor] [--runs 3] [--seconds 5]
//                                      posts of 100 events with 16 in flight, then of 1 with 64; writes no file
//
// With EVENTS_AMQP_URL, such as amqp://guest:guest@127.0.0.1:5672, the service is measured with RabbitMQ, too.
//
// Other options: --seed of the events, --vendor and --rows (events that are already stored, for the side `filled`) with
// --only, --folder for the databases, which must be on a disk, --profile with a folder for CPU profiles of the sides (it makes
// them slower).
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createEmpty, type DatabaseKind } from '../support/database.ts';
import { environmentOf } from '../support/machine.ts';
import { writeResults } from '../support/results.ts';
import { fillEvents } from './fill.ts';
import { type LoadOptions, type Post, SigningKey } from './load.ts';
import { type Conditions, type Load, measureSide, type Measurement } from './measurement.ts';
import { FILLED, fullPlan, type Part, part, type Plan, quickPlan } from './plan.ts';
import { report, type Result, summary, TITLE } from './report.ts';
import { SIDES, Template } from './side.ts';
import { vendorsWith } from './vendors.ts';

const WARM_UP_SECONDS = 2;
/** More than any side reaches here; a faster one ends its measurement early. */
const MOST_PER_SECOND = { posts: 10_000, events: 50_000 };
const TMPFS = 0x01_02_19_94;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    full: { type: 'boolean' },
    only: { type: 'string' },
    sides: { type: 'string', default: 'service,floor,careful' },
    vendor: { type: 'string', default: 'sendgrid' },
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    rows: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
  },
});

const key = new SigningKey();
const vendors = vendorsWith(key);
const folder = mkdtempSync(join(values.folder, 'bench-events-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

if (statfsSync(folder).type === TMPFS) {
  throw new Error(`${folder} is in memory, where a commit takes no time. Use --folder with a folder on a disk.`);
}
const isForFile = values.only === undefined;
const start = performance.now();
const plan = planned();
const environment = await environmentOf(folder);
const results = await carryOut(plan);
if (isForFile) {
  const titles = new Map([...SIDES].map(([name, { title }]) => [name, title]));
  const minutes = (performance.now() - start) / 60_000;
  await writeResults(TITLE, report({ plan, results, environment, titles, minutes }));
}

function planned(): Plan {
  if (values.only === undefined) {
    const batches = new Map(
      vendors.flatMap(({ key, eventsPerPost }) => (key === 'sendgrid' ? [] : [[key, eventsPerPost]])),
    );
    return values.full === true ? fullPlan(batches) : quickPlan(batches);
  }
  const sides = values.sides.split(',');
  for (const side of sides) {
    if (side !== FILLED && !SIDES.has(side))
      throw new Error(`Unknown side ${side}. Sides: ${[...SIDES.keys(), FILLED].join(', ')}`);
  }
  const loads = values.only.split(',').map(parsedLoad);
  const parts = loads.map((load) => part(load, sides, Number(values.runs), values.vendor));
  return {
    name: 'only',
    parts,
    warmUpSeconds: WARM_UP_SECONDS,
    seconds: Number(values.seconds),
    profileFolder: values.profile,
    filledRows: Number(values.rows),
  };
}

async function carryOut(plan: Plan): Promise<Result[]> {
  const { parts } = plan;
  const templates = await createTemplates(new Set(parts.flatMap(({ sides }) => sides)), plan);
  const results: Result[] = [];
  for (const each of parts) {
    const used = each.sides.map((name) => templates.get(name) as Template);
    const result = { ...each, measurements: await measureInTurns(used, each, plan) };
    process.stdout.write(`\n${summary(result)}\n\n`);
    results.push(result);
  }
  return results;
}

async function createTemplates(sides: ReadonlySet<string>, { filledRows = 0 }: Plan): Promise<Map<string, Template>> {
  const empty = new Map<DatabaseKind, string>();
  const templates = new Map<string, Template>();
  for (const name of sides) {
    const side = SIDES.get(name === FILLED ? 'service' : name);
    if (side === undefined) throw new Error(`Unknown side ${name}.`);
    const from = empty.get(side.database) ?? (await createEmpty(side.database, join(folder, side.database)));
    empty.set(side.database, from);
    const accounts = { key, vendors };
    const own = join(folder, name);
    if (name !== FILLED) {
      templates.set(name, await Template.create(side, accounts, from, own));
      continue;
    }
    templates.set(
      name,
      await Template.create({ ...side, name }, accounts, from, own, async (database, webhooks) => {
        await fillEvents(database, webhooks.get('sendgrid')?.connectionId ?? '', filledRows);
      }),
    );
  }
  return templates;
}

/** Every second run is in the opposite order, so that a machine that becomes slower harms all sides alike. */
async function measureInTurns(
  templates: readonly Template[],
  { vendor: name, eventsPerPost, inFlight, runs }: Part,
  conditions: Conditions,
): Promise<Measurement[]> {
  const vendor = vendors.find(({ key }) => key === name);
  if (vendor === undefined)
    throw new Error(`Unknown vendor ${name}. Vendors: ${vendors.map(({ key }) => key).join(', ')}`);
  // The events name the connection of this service that their message was sent through.
  const loads = new Map<string, readonly Post[]>();
  const idOf = ({ webhooks }: Template): string | undefined => webhooks.get(name)?.connectionId;
  const anyId = templates.map(idOf).find((id) => id !== undefined);
  const postsFor = (template: Template): readonly Post[] => {
    const connectionId = idOf(template) ?? anyId;
    const size = sizeOf({ eventsPerPost, inFlight }, conditions);
    const posts = loads.get(String(connectionId)) ?? vendor.posts({ ...size, seed: Number(values.seed), connectionId });
    loads.set(String(connectionId), posts);
    return posts;
  };
  const measurements: Measurement[] = [];
  for (let run = 0; run < runs; run++) {
    for (const template of run % 2 === 0 ? templates : templates.toReversed()) {
      const posts = postsFor(template);
      measurements.push({ ...(await measureSide(template, name, posts, inFlight, conditions)), run });
      process.stdout.write('.');
    }
  }
  return measurements;
}

function sizeOf(
  { eventsPerPost }: Load,
  { warmUpSeconds, seconds }: Conditions,
): Pick<LoadOptions, 'posts' | 'eventsPerPost'> {
  const perSecond = Math.min(MOST_PER_SECOND.posts, MOST_PER_SECOND.events / eventsPerPost);
  return { eventsPerPost, posts: Math.ceil(perSecond * (warmUpSeconds + seconds)) };
}

function parsedLoad(text: string): Load {
  const [eventsPerPost, inFlight] = (/^(\d+)x(\d+)$/.exec(text)?.slice(1) ?? []).map(Number);
  if (!eventsPerPost || !inFlight)
    throw new Error(`${text} is not a load. Use <events in a post>x<posts in flight>, such as 100x16.`);
  return { eventsPerPost, inFlight };
}
